// The frame around every screen: the list of conversations, the top bar, what the keyboard does everywhere.
import { AppError } from "@fireside/protocol"
import { AppShell, Burger, Group } from "@mantine/core"
import { useDisclosure, useHotkeys, useMediaQuery } from "@mantine/hooks"
import { spotlight } from "@mantine/spotlight"
import { useQuery } from "@tanstack/react-query"
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router"
import { useEffect } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../api.ts"
import { useFollowedConversations } from "../conversations/follow-conversations.ts"
import { Brand } from "./brand.tsx"
import { CommandPalette } from "./command-palette.tsx"
import { KeyForm } from "./key-form.tsx"
import { LockState } from "./lock-state.tsx"
import { ShortcutSheet } from "./shortcut-sheet.tsx"
import { Sidebar } from "./sidebar.tsx"

const SIDEBAR_WIDTH = 280
const BAR_HEIGHT = 48

export function Frame() {
  const { t } = useTranslation("shell")
  const navigate = useNavigate()
  const isPhone = useMediaQuery("(max-width: 48em)")
  const [isDrawerOpen, drawer] = useDisclosure(false)
  const [isFolded, fold] = useDisclosure(false)
  const [isSheetOpen, sheet] = useDisclosure(false)
  useFollowedConversations()
  const caller = useQuery({ queryKey: ["caller"], queryFn: ({ signal }) => api.caller(signal), retry: false })
  const path = useRouterState({ select: (state) => state.location.pathname })

  // On a phone the list covers the screen: whoever chose something wants to see it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what it waits for
  useEffect(() => drawer.close(), [path])

  const startChat = () => void navigate({ to: "/" })
  useHotkeys(
    [
      ["mod+K", () => spotlight.open()],
      ["mod+shift+O", startChat],
      ["mod+shift+F", () => focusRegion("search")],
      ["mod+/", sheet.toggle],
      ["F6", () => focusNextRegion()],
    ],
    [],
    true,
  )

  if (needsKey(caller.error)) return <KeyForm />
  return (
    <AppShell
      header={{ height: BAR_HEIGHT }}
      navbar={{
        width: SIDEBAR_WIDTH,
        breakpoint: "sm",
        collapsed: { mobile: !isDrawerOpen, desktop: isFolded },
      }}
      transitionDuration={120}
      h="100%"
    >
      <a className="skip-link" href="#main">
        {t("skip")}
      </a>
      <AppShell.Header>
        <Group h="100%" px="sm" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger
              size="sm"
              // On a large screen the list stands beside the page and covers nothing: there is nothing to close.
              opened={isPhone === true && isDrawerOpen}
              onClick={isPhone === true ? drawer.toggle : fold.toggle}
              aria-expanded={isPhone === true ? isDrawerOpen : !isFolded}
              aria-label={t("toggleList")}
            />
            <Brand />
          </Group>
          <LockState />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label={t("navigation")}>
        <Sidebar />
      </AppShell.Navbar>
      <AppShell.Main h="100dvh" id="main" tabIndex={-1} data-region="main">
        <Outlet />
      </AppShell.Main>
      <CommandPalette />
      <ShortcutSheet opened={isSheetOpen} onClose={sheet.close} />
    </AppShell>
  )
}

function needsKey(error: unknown): boolean {
  return error instanceof AppError && error.code === "unauthorised"
}

function focusRegion(name: string): void {
  document.querySelector<HTMLElement>(`[data-region="${name}"]`)?.focus()
}

/** From one part of the page to the next one, as in a desktop program. A part may be within another: the innermost is where one is. */
function focusNextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")].filter(
    (region) => region.offsetParent !== null || region.id === "main",
  )
  const at = regions.findLastIndex(
    (region) => region === document.activeElement || region.contains(document.activeElement),
  )
  regions[(at + 1) % regions.length]?.focus()
}
