import { expect, test } from "vitest"
import { type ApartChoice, chooseApart, isLong } from "./choose-apart.ts"

interface Stream {
  readonly name: string
  readonly promptRows: number
  readonly adapterKey: string
  deficit: number
}

const stream = (name: string, promptRows: number, deficit = 0): Stream => ({
  name,
  promptRows,
  adapterKey: "",
  deficit,
})
const reader = stream("reader", 0)

function choose(streams: readonly Stream[], choice: Partial<ApartChoice<Stream>> = {}): string | null {
  const given = { current: null, rowsOf: ({ promptRows }: Stream) => promptRows, msPerRow: 4, targetMs: 120 }
  return chooseApart(streams, { ...given, ...choice })?.name ?? null
}

test.each<[string, readonly Stream[], number, string | null]>([
  ["a long prompt beside one who reads", [reader, stream("long", 1_000)], 4, "long"],
  ["nobody reads", [stream("long", 1_000), stream("other", 2_000)], 4, null],
  ["the prompt takes less than two seconds", [reader, stream("short", 499)], 4, null],
  ["the prompt takes two seconds", [reader, stream("long", 500)], 4, "long"],
  ["a block takes no longer than readers may wait", [reader, stream("long", 9_000)], 1.8, null],
  ["nothing was measured yet", [reader, stream("long", 500)], 0, "long"],
  ["nothing was measured yet, and it is short", [reader, stream("short", 499)], 0, null],
  ["of two the shorter one", [stream("long", 2_000), reader, stream("shorter", 1_000)], 4, "shorter"],
  ["one that has waited", [reader, stream("long", 2_000, 1_500), stream("shorter", 1_000)], 4, "long"],
])("%s", (_, streams, msPerRow, expected) => {
  expect(choose(streams, { msPerRow })).toBe(expected)
})

test("whose prompt has the context keeps it, for a block that readers may wait for and against one not much shorter", () => {
  const current = stream("current", 1_000)
  expect(choose([reader, current], { current, msPerRow: 0.5 })).toBe("current")
  expect(choose([reader, current, stream("shorter", 600)], { current })).toBe("current")
  const long = stream("current", 1_200)
  expect(choose([reader, long, stream("much shorter", 599)], { current: long })).toBe("much shorter")
})

test("those that have waited equally long do not take turns", () => {
  const current = stream("current", 200, 800)
  const others = [stream("one", 500, 900), stream("another", 500, 900)]
  expect(choose([reader, current, ...others], { current })).toBe("current")
})

test("it counts what is left of it, not what its sequence lacks", () => {
  const current = stream("current", 1_000)
  const rowsOf = (asked: Stream) => (asked === current ? 300 : asked.promptRows)
  expect(choose([reader, current, stream("shorter", 500)], { current, rowsOf })).toBe("current")
})

test("one that is gone, or waits for its reader, does not keep it", () => {
  const current = stream("current", 1_000)
  expect(choose([reader], { current })).toBe(null)
  expect(choose([reader, stream("other", 5_000)], { current })).toBe("other")
})

test("a prompt of unmeasured pace is long from 500 tokens on", () => {
  expect(isLong(499, 0)).toBe(false)
  expect(isLong(500, 0)).toBe(true)
  expect(isLong(500, 1)).toBe(false)
})
