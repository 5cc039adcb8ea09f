// The events of a running job for whoever follows it: what happened, then what happens. Bounded: of the progress of a file only the newest is kept.
import type { JobEvent } from "@fireside/protocol"

export interface JobFeed {
  push(event: JobEvent): void
  /** Nothing comes after this; followers leave when they have read all of it. */
  end(): void
  /** Any number at once. One that reads slowly misses older progress, nothing else. */
  follow(signal: AbortSignal): AsyncIterable<JobEvent>
}

/** A pull says some dozen things beside its progress; what goes on for ever must not fill the memory. */
const EVENTS_KEPT = 1_000

export function createJobFeed(kept = EVENTS_KEPT): JobFeed {
  /** In the order of their numbers, by which followers know what they have read. */
  const entries = new Map<string, { readonly seq: number; readonly event: JobEvent }>()
  let seq = 0
  let ended = false
  let changed = Promise.withResolvers<void>()
  const wake = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  return {
    push(event) {
      seq += 1
      const key = event.type === "progress" ? `progress ${event.file}` : String(seq)
      entries.delete(key)
      entries.set(key, { seq, event })
      if (entries.size > kept) {
        const [oldest] = entries.keys()
        if (oldest !== undefined) entries.delete(oldest)
      }
      wake()
    },
    end() {
      ended = true
      wake()
    },
    async *follow(signal) {
      let read = 0
      for (;;) {
        signal.throwIfAborted()
        const next = changed.promise
        const isLast = ended
        for (const entry of [...entries.values()].filter((it) => it.seq > read)) {
          read = entry.seq
          yield entry.event
          signal.throwIfAborted()
        }
        if (isLast) return
        await orAbort(next, signal)
      }
    },
  }
}

/** Resolves with `promise`, or when the signal aborts. */
async function orAbort(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>()
  const onAbort = (): void => aborted.resolve()
  signal.addEventListener("abort", onAbort, { once: true })
  try {
    await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener("abort", onAbort)
  }
}
