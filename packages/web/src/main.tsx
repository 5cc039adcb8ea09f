import "@mantine/core/styles.layer.css"
import "@mantine/notifications/styles.layer.css"
import "@mantine/spotlight/styles.layer.css"
import "./page.css"
import { z } from "@fireside/protocol"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { ALL_CONVERSATIONS, conversationsQuery } from "./conversations/use-conversations.ts"
import { startTexts } from "./i18n.ts"
import { keepShell } from "./offline-shell.ts"
import { usePreferences } from "./preferences.ts"
import { Providers } from "./providers.tsx"
import { queryClient } from "./queries/client.ts"
import { styleNonce } from "./style-nonce.ts"
import { installTrustedTypes } from "./trusted-types.ts"

installTrustedTypes()
// Schemas would try whether code may be made of text; the page's policy forbids that and reports the attempt.
z.config({ jitless: true })
// Read by the library that keeps the page from scrolling behind a dialog.
Object.assign(globalThis, { __webpack_nonce__: styleNonce() })

// The server looks them up while the page is being drawn.
void queryClient.prefetchInfiniteQuery(conversationsQuery(ALL_CONVERSATIONS))

const root = document.getElementById("root")
if (root === null) throw new Error("the page has no root")
await startTexts(usePreferences.getState().language)
createRoot(root).render(
  <StrictMode>
    <Providers />
  </StrictMode>,
)
keepShell()
