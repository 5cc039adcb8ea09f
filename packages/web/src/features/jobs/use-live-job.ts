// Follows the events of one running job.
import { AppError } from "@fireside/protocol"
import { useQueryClient } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import { api } from "../../api.ts"
import { JOBS_KEY } from "../../queries/jobs.ts"
import { foldJobEvent, type LiveJob, NOTHING_HEARD } from "./live-job.ts"

/** `follows` false: nothing is asked, and the row alone says how far it is. */
export function useLiveJob(id: string, { follows }: { readonly follows: boolean }): LiveJob {
  const client = useQueryClient()
  const [live, setLive] = useState(NOTHING_HEARD)
  useEffect(() => {
    if (!follows) return
    const stop = new AbortController()
    const follow = async (): Promise<void> => {
      // Each stream tells from the beginning what happened so far.
      let heard = NOTHING_HEARD
      try {
        for await (const event of api.jobs.events(id, stop.signal)) {
          heard = foldJobEvent(heard, event)
          setLive(heard)
        }
      } catch (error) {
        if (stop.signal.aborted) return
        // From here on the row is newer than what was heard; the list says so when the server is gone.
        setLive(NOTHING_HEARD)
        if (!(error instanceof AppError)) throw error
      }
      await client.invalidateQueries({ queryKey: JOBS_KEY })
    }
    void follow()
    return () => stop.abort()
  }, [id, follows, client])
  return live
}
