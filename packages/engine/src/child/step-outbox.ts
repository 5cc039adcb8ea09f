// Reports of steps on their way to the parent: what several steps in a row said within the time of one picture on a screen goes together. Each
// message wakes the parent, its reader and the network up, on a processor that computes: 0.4 ms of a token that takes 5.
import type { FromChild } from "./messages.ts"
import { emptyReport, type StepReport } from "./step-report.ts"

/** Sixty pictures a second. */
const PICTURE_MS = 16

export type Activity = Omit<Extract<FromChild, { type: "step" }>, "type" | keyof StepReport>

export interface StepOutbox {
  /** At once when a stream speaks for the first time, when one has ended, and when the last message was long ago. */
  add(report: StepReport): void
  /** Before anything that takes long, and before other news of a stream. */
  flush(): void
  /** The stream is gone. */
  forget(requestId: number): void
}

export interface StepOutboxOptions {
  readonly send: (message: FromChild) => void
  readonly activity: () => Activity
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

export function createStepOutbox({ send, activity, now }: StepOutboxOptions): StepOutbox {
  const spoken = new Set<number>()
  let waiting = emptyReport()
  let sentAt = Number.NEGATIVE_INFINITY
  const flush = (): void => {
    if (isEmpty(waiting)) return
    const report = waiting
    waiting = emptyReport()
    sentAt = now()
    send({ type: "step", ...report, ...activity() })
  }
  return {
    add: (report) => {
      const isFirst = report.deltas.some(({ requestId }) => !spoken.has(requestId))
      for (const { requestId } of report.deltas) spoken.add(requestId)
      for (const { requestId } of report.ends) spoken.delete(requestId)
      waiting.deltas.push(...report.deltas)
      waiting.progress.push(...report.progress)
      waiting.ends.push(...report.ends)
      if (isFirst || report.ends.length > 0 || now() - sentAt >= PICTURE_MS) flush()
    },
    flush,
    forget: (requestId) => void spoken.delete(requestId),
  }
}

function isEmpty({ deltas, progress, ends }: StepReport): boolean {
  return deltas.length + progress.length + ends.length === 0
}
