// Turns counted bytes into progress events: a few a second, with the speed of the last seconds and the time left.

import type { Clock } from "@fireside/host"
import type { JobEvent } from "@fireside/protocol"

const EVENT_INTERVAL_MS = 250
/** Long enough to be steady, short enough to follow a change of the line. */
const SPEED_WINDOW_MS = 5_000

export interface ProgressMeter {
  /** Sets what is done without counting it as speed: bytes of an earlier run. */
  start(doneBytes: number, totalBytes: number): void
  add(bytes: number): void
  /** Where the total became known or the count must be put right. */
  set(doneBytes: number, totalBytes: number): void
  finish(): void
}

export function createProgressMeter(
  file: string,
  emit: (event: JobEvent) => void,
  clock: Clock,
): ProgressMeter {
  let done = 0
  let total = 0
  let lastEventMs = Number.NEGATIVE_INFINITY
  let samples: { readonly atMs: number; readonly done: number }[] = []

  function speed(): number {
    const first = samples[0]
    const last = samples.at(-1)
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0
    return Math.max(0, ((last.done - first.done) * 1000) / (last.atMs - first.atMs))
  }

  function send(): void {
    const now = clock.monotonic()
    samples.push({ atMs: now, done })
    samples = samples.filter((sample) => sample.atMs >= now - SPEED_WINDOW_MS)
    const bytesPerSecond = Math.round(speed())
    lastEventMs = now
    emit({
      type: "progress",
      file,
      doneBytes: done,
      totalBytes: Math.max(total, done),
      bytesPerSecond,
      ...(bytesPerSecond > 0 && total > done
        ? { secondsLeft: Math.ceil((total - done) / bytesPerSecond) }
        : {}),
    })
  }

  function sendWhenDue(): void {
    if (clock.monotonic() - lastEventMs >= EVENT_INTERVAL_MS) send()
  }

  return {
    start(doneBytes, totalBytes) {
      done = doneBytes
      total = totalBytes
      samples = []
      send()
    },
    add(bytes) {
      done += bytes
      sendWhenDue()
    },
    set(doneBytes, totalBytes) {
      done = doneBytes
      total = totalBytes
      sendWhenDue()
    },
    finish: send,
  }
}
