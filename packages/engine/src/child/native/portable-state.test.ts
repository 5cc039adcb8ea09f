import fc from "fast-check"
import { expect, test } from "vitest"
import { createPortableState, createState, fromPortableState, toPortableState } from "./portable-state.ts"

/** As the library saves the sequence of one stream. */
function saved(streams: number, at: number, cells: number, data: readonly number[]): Uint8Array {
  const counts = Array.from({ length: streams }, (_, stream) => (stream === at ? cells : 0))
  const bytes = counts.flatMap((count) => [...u32(count), ...(count === 0 ? [] : data)])
  return Uint8Array.from([...u32(0xaf143cd8), ...u32(0), ...u32(streams), ...bytes])
}
const u32 = (value: number) => [...new Uint8Array(Uint32Array.of(value).buffer)]

test("a state of one context is one of another, whatever their streams", () => {
  const stream = fc.integer({ min: 1, max: 9 })
  fc.assert(
    fc.property(
      stream,
      stream,
      fc.nat(8),
      fc.integer({ min: 1, max: 1_000 }),
      fc.array(fc.nat(255), { minLength: 1, maxLength: 40 }),
      (from, to, place, cells, data) => {
        const portable = toPortableState(saved(from, place % from, cells, data), from)
        expect(portable).not.toBeNull()
        if (portable === null) return
        expect(fromPortableState(portable, to)).toEqual(saved(to, 0, cells, data))
        // As it is read from a file, twice.
        const read = createPortableState(portable.byteLength)
        read.set(portable)
        for (const streams of [to, from])
          expect(fromPortableState(read, streams)).toEqual(saved(streams, 0, cells, data))
        expect(read).toEqual(portable)
      },
    ),
  )
})

test("what was read is not copied where there is room for the streams", () => {
  const read = createPortableState(1_000)
  expect(fromPortableState(read, 16).buffer).toBe(read.buffer)
  expect(fromPortableState(read, 17).buffer).not.toBe(read.buffer)
  expect(fromPortableState(read.slice(), 2)).toHaveLength(1_000 + 16)
})

test("nor is what the library has written", () => {
  for (const [streams, at] of [
    [1, 0],
    [3, 0],
    [3, 2],
  ] as const) {
    const bytes = saved(streams, at, 5, [1, 2, 3])
    const state = createState(bytes.byteLength)
    state.set(bytes)
    const portable = toPortableState(state, streams)
    expect(portable?.buffer).toBe(state.buffer)
    if (portable === null) continue
    for (const wanted of [4, 1]) {
      const given = fromPortableState(portable, wanted)
      expect(given.buffer).toBe(state.buffer)
      expect(given).toEqual(saved(wanted, 0, 5, [1, 2, 3]))
    }
    expect(portable).toEqual(Uint8Array.from([...u32(5), 1, 2, 3]))
  }
})

test.each([
  ["nothing", new Uint8Array()],
  ["of other streams", saved(3, 0, 5, [1, 2])],
  ["without cells", saved(2, 5, 0, [])],
  ["of another library", saved(2, 0, 5, [1]).fill(7, 0, 4)],
  ["cut short", saved(2, 1, 5, [1]).subarray(0, 20)],
])("%s is not of this form", (_, state) => {
  expect(toPortableState(state, 2)).toBeNull()
})
