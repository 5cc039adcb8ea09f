// What other tabs and devices change shows here too: the server tells, and what was read is read again. Only a page that is in sight
// listens: a browser opens six connections to a server, and six tabs that each kept one would leave none to work with.
import type { QueryClient } from "@tanstack/react-query"
import { useQueryClient } from "@tanstack/react-query"
import { useEffect } from "react"
import { api } from "../api.ts"

/** Between two tries to follow a server that went away. */
const AGAIN_MS = 3_000
/** A page is drawn by then. */
const DRAWN_MS = 1_000
/** Whoever looks at another tab for a moment keeps the connection. */
const HIDDEN_MS = 10_000

export function useFollowedConversations(): void {
  const queries = useQueryClient()
  useEffect(() => {
    const stop = new AbortController()
    void follow(queries, stop.signal)
    return () => stop.abort()
  }, [queries])
}

async function follow(queries: QueryClient, signal: AbortSignal): Promise<void> {
  let wasAway = false
  while (!signal.aborted) {
    await inSight(signal)
    const listening = new AbortController()
    const either = AbortSignal.any([signal, listening.signal])
    stopWhenHidden(listening)
    try {
      for await (const event of api.conversations.changes(either)) {
        if (event.type === "ready" && !wasAway) {
          // What changed between the first reading and now; the page is still being drawn, and it is seldom anything.
          refreshSoon(queries, signal)
        } else if (event.type === "ready") {
          // Whatever failed meanwhile is asked again, so that the page is itself again without a reload.
          void queries.invalidateQueries()
          wasAway = false
        } else {
          void queries.invalidateQueries({ queryKey: ["conversation", event.id] })
          void queries.invalidateQueries({ queryKey: ["messages", event.id] })
          void queries.invalidateQueries({ queryKey: ["conversations"] })
        }
      }
    } catch {
      // It went away, or is too old to tell; what is on the screen says so when it is read.
    }
    wasAway = true
    if (either.aborted) continue
    listening.abort()
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}

async function inSight(signal: AbortSignal): Promise<void> {
  while (document.hidden && !signal.aborted)
    await new Promise<void>((resolve) => {
      document.addEventListener("visibilitychange", () => resolve(), { once: true, signal })
      signal.addEventListener("abort", () => resolve(), { once: true })
    })
}

/** Ends the listening when the page has been out of sight for a while. */
function stopWhenHidden(listening: AbortController): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = () => {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(() => listening.abort(), HIDDEN_MS)
  }
  document.addEventListener("visibilitychange", look, { signal: listening.signal })
  look()
}

function refreshSoon(queries: QueryClient, signal: AbortSignal): void {
  const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: ["conversations"] }), DRAWN_MS)
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true })
}
