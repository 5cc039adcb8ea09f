// What the events of a running job say, folded into what is shown of it.
import type { Job, JobEvent } from "@fireside/protocol"

export interface LiveJob {
  /** What it does now, in the server's words. */
  readonly status?: string
  readonly notices: readonly string[]
  readonly doneBytes?: number
  readonly totalBytes?: number
  readonly bytesPerSecond?: number
  readonly secondsLeft?: number
}

export const NOTHING_HEARD: LiveJob = Object.freeze({ notices: [] })

/** A job may say a lot; the last ones are what its reader can act on. */
const NOTICES_KEPT = 5

export function foldJobEvent(live: LiveJob, event: JobEvent): LiveJob {
  switch (event.type) {
    case "status":
      return { ...live, status: event.message }
    case "progress": {
      const { secondsLeft: _before, ...kept } = live
      const { doneBytes, totalBytes, bytesPerSecond, secondsLeft } = event
      const moved = { ...kept, doneBytes, totalBytes, bytesPerSecond }
      return secondsLeft === undefined ? moved : { ...moved, secondsLeft }
    }
    case "notice":
      return { ...live, notices: addNotice(live.notices, event.message) }
    case "finish":
    case "error":
      return live
    default:
      return event satisfies never
  }
}

/** What is said once more is not shown twice. */
const addNotice = (notices: readonly string[], added: string): readonly string[] =>
  [...notices.filter((notice) => notice !== added), added].slice(-NOTICES_KEPT)

export interface JobProgress {
  /** 0…1; undefined: nobody knows how much there is. */
  readonly fraction: number | undefined
  readonly doneBytes: number
  readonly totalBytes: number
}

/** What is heard of it wins over its row, which is written once a second. */
export function jobProgress(job: Job, live: LiveJob): JobProgress {
  const doneBytes = live.doneBytes ?? job.doneBytes
  const totalBytes = live.totalBytes ?? job.totalBytes
  const fraction = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : undefined
  return { fraction, doneBytes, totalBytes }
}
