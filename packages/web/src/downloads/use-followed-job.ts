// The events of a running job as they come. A connection that breaks is taken up again: the server tells everything from the start.
import { AppError, type ErrorBody, toErrorBody } from "@fireside/protocol"
import { useQueryClient } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import { api } from "../api.ts"
import { JOBS_KEY } from "../queries/jobs.ts"
import { applyJobEvent, NO_PROGRESS, type PullProgress } from "./pull-progress.ts"

export interface FollowedJob {
  readonly progress: PullProgress
  /** Why nothing is seen at the moment; the job itself may well go on. */
  readonly trouble: ErrorBody | undefined
}

const UNKNOWN: FollowedJob = Object.freeze({ progress: NO_PROGRESS, trouble: undefined })

const TRY_AGAIN_MS = 2_000

/** `id` undefined: there is nothing to follow. */
export function useFollowedJob(id: string | undefined): FollowedJob {
  const [seen, setSeen] = useState<{ readonly id: string; readonly followed: FollowedJob }>()
  const queries = useQueryClient()
  useEffect(() => {
    if (id === undefined) return undefined
    const controller = new AbortController()
    const show = (followed: FollowedJob): void => {
      if (!controller.signal.aborted) setSeen({ id, followed })
    }
    void followJob(id, show, controller.signal).then(async () => {
      if (controller.signal.aborted) return
      await Promise.all([
        queries.invalidateQueries({ queryKey: JOBS_KEY }),
        queries.invalidateQueries({ queryKey: ["models"] }),
        queries.invalidateQueries({
          queryKey: ["catalogue"],
          // Nothing is sent out because a job ended.
          predicate: ({ queryKey }) => !queryKey.includes("hub"),
        }),
      ])
    })
    return () => controller.abort()
  }, [id, queries])
  return seen !== undefined && seen.id === id ? seen.followed : UNKNOWN
}

/** Resolves when the job has ended, when it cannot be followed, or when the signal aborts. */
async function followJob(
  id: string,
  show: (followed: FollowedJob) => void,
  signal: AbortSignal,
): Promise<void> {
  let progress = NO_PROGRESS
  for (;;) {
    try {
      let told = NO_PROGRESS
      for await (const event of api.jobs.events(id, signal)) {
        told = applyJobEvent(told, event)
        progress = told
        show({ progress, trouble: undefined })
      }
      return
    } catch (error) {
      if (signal.aborted) return
      show({ progress, trouble: toErrorBody(error) })
      if (!(error instanceof AppError) || error.code !== "network-failed") return
      await pause(TRY_AGAIN_MS, signal)
    }
  }
}

/** Resolves after `ms`, or when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener("abort", done)
      resolve()
    }
    signal.addEventListener("abort", done, { once: true })
  })
}
