import { expect, test } from "vitest"
import { asAttachment, readAttachment } from "./attachments.ts"

const file = (bytes: Uint8Array, size = bytes.length) => ({
  size,
  arrayBuffer: async () => bytes.slice().buffer as ArrayBuffer,
})

test("text comes in as it is", async () => {
  expect(await readAttachment(file(new TextEncoder().encode("é\n")))).toEqual({ type: "text", text: "é\n" })
})

test.each([
  ["bytes that are no UTF-8", file(Uint8Array.of(0xff, 0xd8, 0xff)), "notText"],
  ["a zero byte", file(Uint8Array.of(65, 0, 66)), "notText"],
  ["a large file", file(new Uint8Array(), 600_000), "tooLarge"],
])("%s is refused", async (_, bytes, reason) => {
  expect(await readAttachment(bytes)).toEqual({ type: "refused", reason })
})

test("a fence is longer than any in the file", () => {
  expect(asAttachment("a.md", "x\n````\ny\n")).toBe("a.md:\n`````\nx\n````\ny\n`````")
})
