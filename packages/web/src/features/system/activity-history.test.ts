import type { LiveActivity } from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type ActivitySample, addActivity, chartLines, HISTORY_MS, historyRange } from "./activity-history.ts"

const START = Date.UTC(2026, 0, 1)
const look = (second: number, processorShare: number | null = 0.5): LiveActivity => ({
  at: new Date(START + 1_000 * second).toISOString(),
  processorShare,
  processors: 2,
  memory: { totalBytes: 100, availableBytes: 25, limitBytes: 100 },
  queue: { running: 0, waiting: 0, capacity: 1 },
  models: [],
})
const none: readonly ActivitySample[] = []
const processor = (sample: ActivitySample) => sample.processorShare

describe("the history of the machine", () => {
  test("a look is a sample; the same look twice is one", () => {
    const history = addActivity(addActivity(none, look(0)), look(0))
    expect(history).toEqual([{ atMs: START, processorShare: 0.5, memoryShare: 0.75 }])
  })

  test("what is older than the chart goes", () => {
    const history = [0, 1, 121].reduce((it, second) => addActivity(it, look(second)), none)
    expect(history.map(({ atMs }) => (atMs - START) / 1_000)).toEqual([1, 121])
  })

  test("a clock that was set back begins anew", () => {
    const history = [50, 51, 10].reduce((it, second) => addActivity(it, look(second)), none)
    expect(history.map(({ atMs }) => (atMs - START) / 1_000)).toEqual([10])
  })

  test("it only goes forward, and is bounded, whatever the clock says", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000)), (seconds) => {
        const history = seconds.reduce((it, second) => addActivity(it, look(second)), none)
        const moments = history.map(({ atMs }) => atMs)
        expect(moments).toEqual([...new Set(moments)].sort((one, other) => one - other))
        expect((moments.at(-1) ?? 0) - (moments[0] ?? 0)).toBeLessThanOrEqual(HISTORY_MS)
      }),
    )
  })
})

describe("the lines of the chart", () => {
  test("the newest is at the right, and a gap breaks the line", () => {
    const history = [0, 1, 30].reduce((it, second) => addActivity(it, look(second)), none)
    expect(chartLines(history, processor)).toEqual([
      [
        { x: 0.75, y: 0.5 },
        { x: expect.closeTo(0.7583, 3), y: 0.5 },
      ],
      [{ x: 1, y: 0.5 }],
    ])
  })

  test("what is not known is not drawn", () => {
    const history = [look(0, null), look(1, 0.2), look(2, null), look(3, 0.4)].reduce(addActivity, none)
    expect(chartLines(history, processor).map((line) => line.map(({ y }) => y))).toEqual([[0.2], [0.4]])
    expect(chartLines(none, processor)).toEqual([])
  })
})

describe("the chart in words", () => {
  test("now, least and most; nothing while nothing is known", () => {
    const history = [look(0, null), look(1, 0.9), look(2, 0.1), look(3, 0.4)].reduce(addActivity, none)
    expect(historyRange(history, processor)).toEqual({ now: 0.4, least: 0.1, most: 0.9 })
    expect(historyRange([look(0, null)].reduce(addActivity, none), processor)).toBeUndefined()
  })
})
