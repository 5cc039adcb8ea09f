import fc from "fast-check"
import { expect, test } from "vitest"
import { createFrameReader, encodeFrame } from "./frames.ts"

function read(bytes: Buffer, cuts: readonly number[], frameBytes = 1_000_000) {
  const messages: unknown[] = []
  const bad: string[] = []
  const reader = createFrameReader({
    frameBytes,
    onMessage: (message) => void messages.push(message),
    onBad: (what) => void bad.push(what),
  })
  let from = 0
  for (const cut of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    reader.push(bytes.subarray(from, cut))
    from = cut
  }
  return { messages, bad, reader }
}

test("the same messages however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.array(fc.nat(2_000)), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(encodeFrame))
      expect(read(bytes, cuts)).toMatchObject({ messages: structuredClone(sent), bad: [] })
    }),
  )
})

test("types stay: typed arrays, also one after text of odd length, and what JSON has no word for", () => {
  const message = {
    text: "€",
    vector: new Float32Array([1, 2]),
    most: Number.POSITIVE_INFINITY,
    none: undefined,
  }
  const sent = [message, "ab", message]
  expect(read(Buffer.concat(sent.map(encodeFrame)), [7]).messages).toEqual(sent)
})

test("a frame of the limit is taken; one byte more is refused by its length alone, and nothing after it is heard", () => {
  const frame = encodeFrame("x".repeat(100))
  const limit = frame.length - 4
  expect(read(Buffer.concat([frame, frame]), [], limit)).toMatchObject({ messages: { length: 2 }, bad: [] })
  const { messages, bad, reader } = read(frame.subarray(0, 4), [2], limit - 1)
  expect(bad).toEqual([`a message of ${limit} bytes; at most ${limit - 1} are taken`])
  reader.push(encodeFrame("x"))
  expect({ messages, bad: bad.length }).toEqual({ messages: [], bad: 1 })
})

test("the limit counts for frames that begin after it was set", () => {
  const { messages, bad, reader } = read(encodeFrame("x".repeat(50)).subarray(0, 20), [], 100)
  reader.setLimit(10)
  reader.push(encodeFrame("x".repeat(50)).subarray(20))
  expect(messages).toHaveLength(1)
  reader.push(encodeFrame("x".repeat(50)))
  expect(bad).toHaveLength(1)
})

test.each([
  Buffer.from([0, 0, 0, 0]),
  Buffer.from([3, 0, 0, 0, 255, 15, 255]),
  Buffer.from([2, 0, 0, 0, 9, 9]),
])("bytes that are no message are told, not thrown: %j", (bytes) => {
  expect(read(bytes, [])).toMatchObject({ messages: [], bad: ["a message that cannot be read"] })
})

test("no bytes make it throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const header = Buffer.alloc(4)
      header.writeUInt32LE(bytes.length + 2)
      // The version that the reader knows, so that its types are reached.
      read(Buffer.concat([header, Buffer.from([0xff, 15]), bytes]), [3, 9])
    }),
  )
})
