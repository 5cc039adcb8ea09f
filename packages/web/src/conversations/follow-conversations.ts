// What other tabs and devices change shows here too: the server tells, and what was read is read again.
import type { QueryClient } from "@tanstack/react-query"
import { useQueryClient } from "@tanstack/react-query"
import { useEffect } from "react"
import { api } from "../api.ts"

/** Between two tries to follow a server that went away. */
const AGAIN_MS = 3_000

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
    try {
      for await (const event of api.conversations.changes(signal)) {
        if (event.type === "ready") {
          // Whatever failed meanwhile is asked again, so that the page is itself again without a reload.
          if (wasAway) void queries.invalidateQueries()
          wasAway = false
        } else {
          void queries.invalidateQueries({ queryKey: ["conversation", event.id] })
          void queries.invalidateQueries({ queryKey: ["messages", event.id] })
        }
        void queries.invalidateQueries({ queryKey: ["conversations"] })
      }
    } catch {
      // It went away, or is too old to tell; what is on the screen says so when it is read.
    }
    wasAway = true
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}
