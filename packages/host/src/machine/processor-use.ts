// How much of the machine's processors is in use, by whomever.
import { cpus } from "node:os"

export interface ProcessorTimes {
  readonly busyMs: number
  readonly wholeMs: number
}

/** Of all processors together, since the machine was started. */
export function processorTimes(): ProcessorTimes {
  let busyMs = 0
  let idleMs = 0
  for (const { times } of cpus()) {
    busyMs += times.user + times.nice + times.sys + times.irq
    idleMs += times.idle
  }
  return { busyMs, wholeMs: busyMs + idleMs }
}

/** Processors in use between two looks: 0 on an idle machine, 1.5 with one and a half of them busy. */
export function processorsUsed(before: ProcessorTimes, after: ProcessorTimes): number {
  const whole = after.wholeMs - before.wholeMs
  return whole <= 0 ? 0 : Math.max(0, ((after.busyMs - before.busyMs) / whole) * cpus().length)
}
