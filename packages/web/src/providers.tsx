import { DirectionProvider, MantineProvider, mergeThemeOverrides, useMantineColorScheme } from "@mantine/core"
import { Notifications } from "@mantine/notifications"
import { QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { useEffect, useMemo } from "react"
import { useTranslation } from "react-i18next"
import { changeLanguage } from "./i18n.ts"
import { keepPaperLight } from "./light-paper.ts"
import { usePreferences } from "./preferences.ts"
import { queryClient } from "./queries/client.ts"
import { router } from "./router.tsx"
import { styleNonce } from "./style-nonce.ts"
import { theme } from "./theme.ts"

export function Providers() {
  const named = useNamedTheme()
  return (
    <QueryClientProvider client={queryClient}>
      <DirectionProvider detectDirection>
        <MantineProvider theme={named} defaultColorScheme="auto" getStyleNonce={styleNonce}>
          <AppliedPreferences />
          <Notifications position="bottom-center" notificationMaxHeight={400} />
          <RouterProvider router={router} />
        </MantineProvider>
      </DirectionProvider>
    </QueryClientProvider>
  )
}

/** What closes something is drawn as a cross: its name is the same everywhere. */
function useNamedTheme() {
  const { t } = useTranslation("shell")
  const name = t("close")
  return useMemo(() => {
    const closeButtonProps = { "aria-label": name }
    const { Modal, Drawer } = theme.components ?? {}
    return mergeThemeOverrides(theme, {
      components: {
        Modal: { defaultProps: { ...Modal?.defaultProps, closeButtonProps } },
        Drawer: { defaultProps: { ...Drawer?.defaultProps, closeButtonProps } },
        Notification: { defaultProps: { closeButtonProps } },
      },
    })
  }, [name])
}

function AppliedPreferences() {
  const { theme: colours, textSize, motion, language } = usePreferences()
  const { setColorScheme } = useMantineColorScheme()
  useEffect(() => setColorScheme(colours), [colours, setColorScheme])
  useEffect(keepPaperLight, [])
  useEffect(() => {
    document.documentElement.dataset.textSize = textSize
  }, [textSize])
  useEffect(() => {
    document.documentElement.dataset.motion = motion
  }, [motion])
  useEffect(() => {
    void changeLanguage(language)
  }, [language])
  return null
}
