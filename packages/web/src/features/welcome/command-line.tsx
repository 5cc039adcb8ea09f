import { Button, Code, CopyButton, Group } from "@mantine/core"
import { useTranslation } from "react-i18next"

/** A line for a terminal, to be copied. */
export function CommandLine({ text }: { readonly text: string }) {
  const { t } = useTranslation("welcome")
  return (
    <Group gap="xs">
      <Code fz="sm" px="sm" py={6}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button size="compact-sm" variant="default" onClick={copy} aria-label={t("copy", { text })}>
            {copied ? t("copied") : t("copyShort")}
          </Button>
        )}
      </CopyButton>
    </Group>
  )
}
