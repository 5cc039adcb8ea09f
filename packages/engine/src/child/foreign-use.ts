// How much of our processors other programs take. The system counts processor time; what is not idle and not ours is theirs.
import { readFileSync } from "node:fs"
import { cpus as systemProcessors } from "node:os"

/** The system counts in hundredths of a second: over less time than this a difference says nothing. */
const WINDOW_MS = 200

/** Since the system's start, milliseconds. */
export interface ProcessorTime {
  readonly busyMs: number
  readonly idleMs: number
}

export interface ForeignUseOptions {
  /** The processors that count, by number; empty: all. */
  readonly cpus: readonly number[]
  /** Times of all processors, by number. */
  readonly readProcessors: () => readonly ProcessorTime[]
  /** Processor time that this process has taken, milliseconds. */
  readonly readOwnMs: () => number
}

export interface ForeignUse {
  /** How many processors count. */
  readonly processors: number
  /**
   * How many of them others took, on average, since the measurement before; the last measurement when that was a moment ago. Null: not
   * known yet, or the system does not say. `nowMs` is a monotonic clock.
   */
  measure(nowMs: number): number | null
  /** Forgets what was: after a pause the time before it says nothing about now. */
  restart(nowMs: number): void
}

export function createForeignUse({ cpus, readProcessors, readOwnMs }: ForeignUseOptions): ForeignUse {
  const look = () => {
    const all = readProcessors()
    const chosen = cpus.length === 0 ? all : cpus.flatMap((cpu) => all[cpu] ?? [])
    return {
      count: chosen.length,
      busyMs: chosen.reduce((sum, { busyMs }) => sum + busyMs, 0),
      totalMs: chosen.reduce((sum, { busyMs, idleMs }) => sum + busyMs + idleMs, 0),
      ownMs: readOwnMs(),
    }
  }
  let before = look()
  let beforeAtMs: number | null = null
  let foreign: number | null = null
  return {
    processors: before.count,
    measure: (nowMs) => {
      beforeAtMs ??= nowMs
      if (nowMs - beforeAtMs < WINDOW_MS) return foreign
      const after = look()
      const passedMs = after.totalMs - before.totalMs
      const othersMs = after.busyMs - before.busyMs - (after.ownMs - before.ownMs)
      foreign = passedMs <= 0 ? null : (Math.max(0, othersMs) / passedMs) * after.count
      before = after
      beforeAtMs = nowMs
      return foreign
    },
    restart: (nowMs) => {
      before = look()
      beforeAtMs = nowMs
      foreign = null
    },
  }
}

/** Of this machine and this process. */
export function measureForeignUse(cpus: readonly number[]): ForeignUse {
  return createForeignUse({
    cpus,
    readProcessors: process.platform === "linux" ? readLinuxProcessors : readSystemProcessors,
    readOwnMs: () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1_000
    },
  })
}

const MS_PER_TICK = 10

/** proc_stat(5): a line for each processor with ticks of user, nice, system, idle, iowait, irq, softirq, steal. Empty where it cannot be read. */
function readLinuxProcessors(): readonly ProcessorTime[] {
  let text: string
  try {
    // `os.cpus` would read what the processors are called and how fast they run as well.
    text = readFileSync("/proc/stat", "utf8")
  } catch {
    return []
  }
  const times: ProcessorTime[] = []
  for (const [, cpu, rest] of text.matchAll(/^cpu(\d+) (.*)$/gm)) {
    const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, steal = 0] = (
      rest ?? ""
    )
      .split(" ")
      .map(Number)
    times[Number(cpu)] = {
      busyMs: (user + nice + system + irq + softirq + steal) * MS_PER_TICK,
      idleMs: (idle + waiting) * MS_PER_TICK,
    }
  }
  return times
}

function readSystemProcessors(): readonly ProcessorTime[] {
  return systemProcessors().map(({ times: { user, nice, sys, irq, idle } }) => ({
    busyMs: user + nice + sys + irq,
    idleMs: idle,
  }))
}
