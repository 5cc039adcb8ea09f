import { PassThrough } from "node:stream"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { readErrorLines } from "./error-lines.ts"

async function linesOf(chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
  const stream = new PassThrough()
  const lines: string[] = []
  readErrorLines(stream, (line) => lines.push(line))
  const ended = new Promise((settle) => stream.on("end", settle))
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  await ended
  return lines
}

test("lines without their ends, the last one also without a line end", async () => {
  expect(await linesOf(["one\ntw", "o\r\n\nthree"])).toEqual(["one", "two", "", "three"])
  expect(await linesOf([])).toEqual([])
})

test("a character that is cut between two chunks stays whole", async () => {
  const bytes = Buffer.from("🔥\n")
  expect(await linesOf([bytes.subarray(0, 2), bytes.subarray(2)])).toEqual(["🔥"])
})

describe("bounds", () => {
  test("4096 characters stay, the 4097th goes, however the text is cut", async () => {
    expect((await linesOf([`${"a".repeat(4_096)}\nb\n`])).map((line) => line.length)).toEqual([4_096, 1])
    expect((await linesOf([`${"a".repeat(4_097)}\nb\n`])).map((line) => line.length)).toEqual([4_096, 1])
    const slow = [...Array<string>(100).fill("a".repeat(1_000)), "\nb"]
    expect((await linesOf(slow)).map((line) => line.length)).toEqual([4_096, 1])
  })

  test("10000 lines stay, then the drop is told once", async () => {
    expect(await linesOf(["x\n".repeat(10_000)])).toHaveLength(10_000)
    const more = await linesOf(["x\n".repeat(10_500)])
    expect(more).toHaveLength(10_001)
    expect(more.at(-1)).toContain("dropped")
  })
})

test("the lines are the same however short text is cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 20 }).map((it) => it.replaceAll(/[\r\n]/g, "\n"))),
      async (parts) => {
        expect(await linesOf(parts)).toEqual(await linesOf([parts.join("")]))
      },
    ),
    { numRuns: 50 },
  )
})
