// How this browser shows the page: kept here, not on the server.
import { NativeSelect, SegmentedControl, Stack, Switch, Text } from "@mantine/core"
import { type ReactNode, useId } from "react"
import { useTranslation } from "react-i18next"
import { LANGUAGES } from "../../languages.ts"
import { usePreferences } from "../../preferences.ts"

const THEMES = ["auto", "light", "dark"] as const
const TEXT_SIZES = ["small", "medium", "large"] as const
const MOTIONS = ["auto", "reduced"] as const

export function Appearance() {
  const { t } = useTranslation("settings")
  const { theme, language, textSize, motion, announcements, enterSends, change } = usePreferences()
  return (
    <Stack gap="lg" align="flex-start">
      <Text c="dimmed">{t("intro.appearance")}</Text>
      <Choice name={t("theme.name")}>
        {(id) => (
          <SegmentedControl
            aria-labelledby={id}
            value={theme}
            data={THEMES.map((value) => ({ value, label: t(`theme.${value}`) }))}
            onChange={(value) => change({ theme: value })}
          />
        )}
      </Choice>
      <Choice name={t("textSize.name")}>
        {(id) => (
          <SegmentedControl
            aria-labelledby={id}
            value={textSize}
            data={TEXT_SIZES.map((value) => ({ value, label: t(`textSize.${value}`) }))}
            onChange={(value) => change({ textSize: value })}
          />
        )}
      </Choice>
      <Choice name={t("motion.name")}>
        {(id) => (
          <SegmentedControl
            aria-labelledby={id}
            value={motion}
            data={MOTIONS.map((value) => ({ value, label: t(`motion.${value}`) }))}
            onChange={(value) => change({ motion: value })}
          />
        )}
      </Choice>
      <NativeSelect
        label={t("language.name")}
        value={language}
        data={[
          { value: "", label: t("language.browser") },
          ...Object.entries(LANGUAGES).map(([value, { name }]) => ({ value, label: name })),
        ]}
        onChange={(event) => change({ language: event.currentTarget.value })}
      />
      <Switch
        label={t("enterSends.name")}
        description={t("enterSends.meaning")}
        checked={enterSends}
        onChange={(event) => change({ enterSends: event.currentTarget.checked })}
      />
      <Switch
        label={t("announcements.name")}
        description={t("announcements.meaning")}
        checked={announcements}
        onChange={(event) => change({ announcements: event.currentTarget.checked })}
      />
    </Stack>
  )
}

function Choice({ name, children }: { readonly name: string; readonly children: (id: string) => ReactNode }) {
  const id = useId()
  return (
    <Stack gap={4} align="flex-start">
      <Text id={id} size="sm" fw={500}>
        {name}
      </Text>
      {children(id)}
    </Stack>
  )
}
