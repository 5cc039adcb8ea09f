// What is possible when nothing can be downloaded, each with its next step.
import { Button, Card, Stack, Text, Title } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { CommandLine } from "./command-line.tsx"

export interface WithoutInternetProps {
  readonly isLocked: boolean
  readonly isOffline: boolean
}

const IMPORT_COMMAND = "fireside import FILE.gguf --name NAME"
const ECHO_COMMAND = "fireside --engine echo serve"

export function WithoutInternet({ isLocked, isOffline }: WithoutInternetProps) {
  const { t } = useTranslation("welcome")
  const reason = isLocked ? "locked" : isOffline ? "offline" : "online"
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="without-internet">
      <Stack gap="md">
        <Stack gap={4}>
          <Title order={2} size="h4" id="without-internet">
            {t(`without.${reason}.title`)}
          </Title>
          <Text>{t(`without.${reason}.text`)}</Text>
        </Stack>
        {isLocked ? (
          <Button component={Link} to="/privacy" variant="default" style={{ alignSelf: "flex-start" }}>
            {t("without.openLock")}
          </Button>
        ) : null}
        <Stack gap={4}>
          <Text>{t("without.import")}</Text>
          <CommandLine text={IMPORT_COMMAND} />
        </Stack>
        <Text>{t("without.stores")}</Text>
        <Stack gap={4}>
          <Text>{t("without.echo")}</Text>
          <CommandLine text={ECHO_COMMAND} />
        </Stack>
      </Stack>
    </Card>
  )
}
