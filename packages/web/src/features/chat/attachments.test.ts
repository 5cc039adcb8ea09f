import { expect, test } from "vitest"
import { asAttachment, readAttachment, withAttachments } from "./attachments.ts"

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

test("several files come along together, and what cannot is named", async () => {
  const text = (name: string, content: string) => ({ name, ...file(new TextEncoder().encode(content)) })
  const files = [text("a.txt", "1"), { name: "b.png", ...file(Uint8Array.of(0xff)) }, text("c.txt", "3")]
  expect(await withAttachments("Look:", files)).toEqual({
    text: "Look:\n\na.txt:\n```\n1\n```\n\nc.txt:\n```\n3\n```",
    refused: { name: "b.png", reason: "notText" },
  })
})
