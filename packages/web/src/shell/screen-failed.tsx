import { Center } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { ErrorCard } from "../ui/error-card.tsx"

/** A screen whose program did not come: the server is away, or newer than the page. Both end with a reload. */
export function ScreenFailed() {
  const { t } = useTranslation("shell")
  return (
    <Center h="100%" p="md">
      <ErrorCard error={new Error(t("error.screen"))} onRetry={() => location.reload()} />
    </Center>
  )
}
