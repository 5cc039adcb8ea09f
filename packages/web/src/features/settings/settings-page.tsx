// Everything that can be set: how this browser shows the page, and how the server works. The tab is in the address.
import { Tabs } from "@mantine/core"
import { useLocation, useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { Page } from "../../ui/page.tsx"
import { Appearance } from "./appearance.tsx"
import { Keys } from "./keys.tsx"
import { Programs } from "./programs.tsx"
import { ServerSettings } from "./server-settings.tsx"

const TABS = ["appearance", "defaults", "advanced", "keys", "programs"] as const

export function SettingsPage() {
  const { t } = useTranslation("settings")
  const hash = useLocation({ select: (location) => location.hash })
  const navigate = useNavigate()
  const tab = TABS.find((name) => name === hash) ?? "appearance"
  return (
    <Page title={t("title")}>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(name) => void navigate({ to: "/settings", hash: name ?? "", replace: true })}
      >
        <Tabs.List mb="lg">
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((name) => (
          <Tabs.Panel key={name} value={name}>
            <TabContent name={name} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  )
}

function TabContent({ name }: { readonly name: (typeof TABS)[number] }) {
  switch (name) {
    case "appearance":
      return <Appearance />
    case "defaults":
    case "advanced":
      return <ServerSettings tab={name} />
    case "keys":
      return <Keys />
    case "programs":
      return <Programs />
    default:
      return name satisfies never
  }
}
