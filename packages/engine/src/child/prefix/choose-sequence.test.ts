import { expect, test } from "vitest"
import { leastMissed } from "./choose-sequence.ts"
import { createSequence } from "./sequence.ts"

interface Held {
  readonly tokens?: number
  readonly usedAt?: number
  readonly busy?: boolean
}

function chosen(held: readonly Held[], ownCells = true): number {
  const sequences = held.map(({ tokens = 0, usedAt = 0, busy = false }, id) =>
    Object.assign(createSequence(id), { tokens: Array.from({ length: tokens }, () => 1), usedAt, busy }),
  )
  return leastMissed(sequences, { ownCells }).id
}

const BUSY: Held = { busy: true }

test("nobody runs: an empty one, then the one used longest ago", () => {
  expect(chosen([{ tokens: 5, usedAt: 1 }, {}, { tokens: 9, usedAt: 2 }])).toBe(1)
  expect(
    chosen([
      { tokens: 5, usedAt: 3 },
      { tokens: 9, usedAt: 2 },
    ]),
  ).toBe(1)
})

test("with cells of their own streams run next to each other, where little is moved away for it", () => {
  const little = { tokens: 90, usedAt: 7 }
  expect(chosen([{}, {}, little, BUSY])).toBe(2)
  expect(chosen([{}, { tokens: 90, usedAt: 1 }, BUSY, little])).toBe(1)
  expect(chosen([BUSY, {}, BUSY, little])).toBe(1)
  expect(chosen([{}, {}, { tokens: 2_000 }, BUSY])).toBe(0)
})

test("common cells know no neighbours", () => {
  expect(chosen([{}, {}, { tokens: 90 }, BUSY], false)).toBe(0)
})

test("none is free: it was promised", () => {
  expect(() => chosen([BUSY, BUSY])).toThrow("promised")
})
