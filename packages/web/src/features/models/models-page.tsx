// Models: what is here, what could be, what is in memory.
import { Tabs } from "@mantine/core"
import { useSessionStorage } from "@mantine/hooks"
import { useTranslation } from "react-i18next"
import { Page } from "../../ui/page.tsx"
import { DiscoverTab } from "./discover-tab.tsx"
import { LibraryTab } from "./library-tab.tsx"
import { MemoryTab } from "./memory-tab.tsx"

const TABS = ["library", "discover", "memory"] as const

export function ModelsPage() {
  const { t } = useTranslation("models")
  const [tab, setTab] = useSessionStorage<string>({
    key: "fireside-models-tab",
    defaultValue: TABS[0],
    getInitialValueInEffect: false,
  })
  return (
    <Page title={t("title")}>
      <Tabs value={tab} onChange={(wanted) => setTab(wanted ?? TABS[0])} keepMounted={false}>
        <Tabs.List mb="md" aria-label={t("title")}>
          {TABS.map((it) => (
            <Tabs.Tab key={it} value={it}>
              {t(`tab.${it}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="library">
          <LibraryTab onDiscover={() => setTab("discover")} />
        </Tabs.Panel>
        <Tabs.Panel value="discover">
          <DiscoverTab />
        </Tabs.Panel>
        <Tabs.Panel value="memory">
          <MemoryTab onLibrary={() => setTab("library")} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
