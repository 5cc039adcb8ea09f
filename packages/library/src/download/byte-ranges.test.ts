import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  addRange,
  type ByteRange,
  contiguousFront,
  countBytes,
  missingRanges,
  parseRanges,
} from "./byte-ranges.ts"

describe("byte ranges", () => {
  it("is a set of bytes, whatever the order in which ranges come", () => {
    const SIZE = 40
    const range = fc
      .tuple(fc.nat(SIZE), fc.nat(SIZE))
      .map(([a, b]): ByteRange => [Math.min(a, b), Math.max(a, b)])
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (added) => {
        const bytes = new Set<number>()
        let ranges: readonly ByteRange[] = []
        for (const item of added) {
          ranges = addRange(ranges, item)
          for (let at = item[0]; at < item[1]; at += 1) bytes.add(at)
        }
        expect(countBytes(ranges)).toBe(bytes.size)
        expect(parseRanges(JSON.parse(JSON.stringify(ranges)), SIZE)).toEqual(ranges)
        const half = missingRanges(ranges, SIZE / 2)
        expect(half.every(([start, end]) => start < end && end <= SIZE / 2)).toBe(true)
        const missing = missingRanges(ranges, SIZE)
        expect(countBytes(missing)).toBe(SIZE - bytes.size)
        for (const [start, end] of missing)
          for (let at = start; at < end; at += 1) expect(bytes.has(at)).toBe(false)
        let front = 0
        while (bytes.has(front)) front += 1
        expect(contiguousFront(ranges)).toBe(front)
      }),
    )
  })

  it.each([
    [null],
    [[[0]]],
    [[[0, 0]]],
    [[[5, 3]]],
    [[[0, 11]]],
    [
      [
        [0, 5],
        [5, 6],
      ],
    ],
    [
      [
        [4, 6],
        [0, 2],
      ],
    ],
    [[[-1, 2]]],
    [[[0.5, 2]]],
    [[["0", 2]]],
  ])("refuses %j", (value) => {
    expect(parseRanges(value, 10)).toBeUndefined()
  })
})
