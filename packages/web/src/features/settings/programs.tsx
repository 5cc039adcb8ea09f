// How other programs and devices use the models of this computer.

import { Alert, Anchor, Stack, Text, Title } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useModels } from "../../queries/models.ts"
import { useSettings } from "../../queries/settings.ts"
import { CopyField } from "./copy-field.tsx"
import { exampleRequest, isLoopback, ollamaPortOf, programAddresses } from "./program-addresses.ts"

export function Programs() {
  const { t } = useTranslation("settings")
  const settings = useSettings()
  const models = useModels()
  const { origin } = location
  const needsKey = settings.data?.find(({ key }) => key === "requireKey")?.value === true
  const isLocal = isLoopback(origin)
  return (
    <Stack gap="lg">
      <Text c="dimmed">{t("intro.programs")}</Text>
      {programAddresses(origin, ollamaPortOf(settings.data ?? [])).map(({ dialect, url, variable }) => (
        <CopyField
          key={dialect}
          label={t(`program.${dialect}.name`)}
          description={t(`program.${dialect}.meaning`, { variable })}
          value={url}
        />
      ))}
      <Text size="sm">
        {t(isLocal && !needsKey ? "program.noKey" : "program.key")}{" "}
        <Anchor component={Link} underline="always" to="/settings" hash="keys">
          {t("program.toKeys")}
        </Anchor>
      </Text>
      <Stack component="section" gap="xs" aria-labelledby="program-example">
        <Title id="program-example" order={2} size="h4">
          {t("program.example")}
        </Title>
        <CopyField
          label={t("program.terminal")}
          value={exampleRequest({ origin, model: models.data?.[0]?.name ?? "smollm2:135m" })}
        />
      </Stack>
      {isLocal && (
        <Alert color="gray" title={t("program.devices")}>
          {t("program.devicesText")}{" "}
          <Anchor component={Link} underline="always" to="/settings" hash="advanced">
            {t("program.toAdvanced")}
          </Anchor>
        </Alert>
      )}
    </Stack>
  )
}
