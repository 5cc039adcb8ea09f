// The settings of one tab, drawn from what the server says of them.
import { Alert, Button, Stack, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useSettings } from "../../queries/settings.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { SettingField } from "./setting-field.tsx"
import { groupSettings, type SettingTab } from "./setting-groups.ts"

export function ServerSettings({ tab }: { readonly tab: SettingTab }) {
  const { t } = useTranslation("settings")
  const settings = useSettings()
  if (settings.isPending) return <SkeletonList rows={6} height={72} />
  if (settings.isError) return <ErrorCard error={settings.error} onRetry={() => void settings.refetch()} />
  const waiting = settings.data.filter(({ needsRestart }) => needsRestart).length
  return (
    <Stack gap="xl">
      <Text c="dimmed">{t(`intro.${tab}`)}</Text>
      {waiting > 0 && (
        <Alert color="yellow" role="status">
          {t("restart", { count: waiting })}
        </Alert>
      )}
      {groupSettings(settings.data, tab).map(({ name, settings: group }) => (
        <Stack key={name} component="section" gap="md" aria-labelledby={`settings-${name}`}>
          <Title id={`settings-${name}`} order={2} size="h4">
            {t(`group.${name}`)}
          </Title>
          <Stack component="ul" gap="lg" p={0} m={0} style={{ listStyle: "none" }}>
            {group.map((setting) => (
              <SettingField key={setting.key} setting={setting} />
            ))}
          </Stack>
        </Stack>
      ))}
      <Button variant="subtle" style={{ alignSelf: "flex-start" }} onClick={() => void settings.refetch()}>
        {t("readAgain")}
      </Button>
    </Stack>
  )
}
