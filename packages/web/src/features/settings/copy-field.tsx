// A text that is meant to be taken elsewhere.
import { Button, CopyButton, Group, TextInput } from "@mantine/core"
import { useTranslation } from "react-i18next"

export interface CopyFieldProps {
  readonly label: string
  readonly value: string
  readonly description?: string
}

/** It can also be selected by hand: a browser lends its clipboard only to pages of this computer or with a certificate. */
export function CopyField({ label, value, description }: CopyFieldProps) {
  const { t } = useTranslation("settings")
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <TextInput
        style={{ flex: 1 }}
        label={label}
        description={description}
        value={value}
        readOnly
        dir="ltr"
        onFocus={(event) => event.currentTarget.select()}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
      <CopyButton value={value} timeout={2_000}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy} aria-label={t("copyNamed", { label })}>
            {t(copied ? "copied" : "copy")}
          </Button>
        )}
      </CopyButton>
    </Group>
  )
}
