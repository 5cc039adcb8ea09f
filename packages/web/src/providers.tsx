import { DirectionProvider, MantineProvider, useMantineColorScheme } from "@mantine/core"
import { Notifications } from "@mantine/notifications"
import { QueryClient, QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { useEffect } from "react"
import { changeLanguage } from "./i18n.ts"
import { usePreferences } from "./preferences.ts"
import { router } from "./router.tsx"
import { styleNonce } from "./style-nonce.ts"
import { theme } from "./theme.ts"

const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, retry: 1, refetchOnWindowFocus: true } },
})

export function Providers() {
  return (
    <QueryClientProvider client={queries}>
      <DirectionProvider detectDirection>
        <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce}>
          <AppliedPreferences />
          <Notifications position="bottom-center" notificationMaxHeight={400} />
          <RouterProvider router={router} />
        </MantineProvider>
      </DirectionProvider>
    </QueryClientProvider>
  )
}

function AppliedPreferences() {
  const { theme: colours, textSize, motion, language } = usePreferences()
  const { setColorScheme } = useMantineColorScheme()
  useEffect(() => setColorScheme(colours), [colours, setColorScheme])
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
