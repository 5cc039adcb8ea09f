// The last minutes of the machine, for a chart: one sample a second while somebody looks.
import type { LiveActivity } from "@fireside/protocol"

export interface ActivitySample {
  /** Milliseconds since 1970, by the server's clock. */
  readonly atMs: number
  /** 0…1; null: not known yet. */
  readonly processorShare: number | null
  readonly memoryShare: number
}

/** So much is drawn. */
export const HISTORY_MS = 120_000

export function addActivity(
  history: readonly ActivitySample[],
  { at, processorShare, memory }: LiveActivity,
): readonly ActivitySample[] {
  const atMs = Date.parse(at)
  const last = history.at(-1)
  // The same look once more, or a clock that was set back: what is drawn only goes forward.
  if (last !== undefined && atMs === last.atMs) return history
  const kept = history.filter((sample) => sample.atMs < atMs && sample.atMs >= atMs - HISTORY_MS)
  const memoryShare = memory.totalBytes === 0 ? 0 : 1 - memory.availableBytes / memory.totalBytes
  return [...kept, { atMs, processorShare, memoryShare: Math.min(1, Math.max(0, memoryShare)) }]
}

export interface ChartPoint {
  /** 0 is the oldest moment that is drawn, 1 the newest. */
  readonly x: number
  /** 0 is nothing, 1 all. */
  readonly y: number
}

/** Longer than this nobody looked: the line is broken there, because what was between is not known. */
const GAP_MS = 5_000

export function chartLines(
  history: readonly ActivitySample[],
  read: (sample: ActivitySample) => number | null,
): readonly (readonly ChartPoint[])[] {
  const newest = history.at(-1)?.atMs ?? 0
  const lines: ChartPoint[][] = []
  let before: number | undefined
  for (const sample of history) {
    const y = read(sample)
    if (y === null) {
      before = undefined
      continue
    }
    const point = { x: 1 - (newest - sample.atMs) / HISTORY_MS, y }
    if (before === undefined || sample.atMs - before > GAP_MS) lines.push([point])
    else lines.at(-1)?.push(point)
    before = sample.atMs
  }
  return lines
}

export interface HistoryRange {
  readonly now: number
  readonly least: number
  readonly most: number
}

/** For those who do not see the chart. Undefined while nothing is known. */
export function historyRange(
  history: readonly ActivitySample[],
  read: (sample: ActivitySample) => number | null,
): HistoryRange | undefined {
  const values = history.map(read).filter((value) => value !== null)
  const now = values.at(-1)
  return now === undefined ? undefined : { now, least: Math.min(...values), most: Math.max(...values) }
}
