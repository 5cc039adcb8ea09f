// Follows the events of one running job.
import { AppError } from "@fireside/protocol"
import { useQueryClient } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import { api } from "../../api.ts"
import { foldJobEvent, type LiveJob, NOTHING_HEARD } from "./live-job.ts"
import { JOBS_KEY } from "./use-jobs.ts"

/** `follows` false: nothing is asked, and the row alone says how far it is. */
export function useLiveJob(id: string, { follows }: { readonly follows: boolean }): LiveJob {
  const client = useQueryClient()
  const [live, setLive] = useState(NOTHING_HEARD)
  useEffect(() => {
    if (!follows) return
    const stop = new AbortController()
    const follow = async (): Promise<void> => {
      try {
        for await (const event of api.jobs.events(id, stop.signal)) setLive((it) => foldJobEvent(it, event))
      } catch (error) {
        // The list goes on saying how far it is, and says it when the server is gone.
        if (!stop.signal.aborted && !(error instanceof AppError)) throw error
      }
      if (!stop.signal.aborted) await client.invalidateQueries({ queryKey: JOBS_KEY })
    }
    void follow()
    return () => stop.abort()
  }, [id, follows, client])
  return live
}
