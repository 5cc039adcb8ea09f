import { SILENT_LOG } from "@fireside/host"
import { AppError, type ChatEvent } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { endWithError, throwErrors } from "./sure-ending.ts"

const START: ChatEvent = { type: "start", model: "m", id: "1" }
const FINISH: ChatEvent = {
  type: "finish",
  reason: "stop",
  usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1 },
  timings: { loadMs: 0, ttftMs: 0, prefillTokensPerSecond: 0, decodeTokensPerSecond: 0, totalMs: 0 },
}
const CRASH: ChatEvent = { type: "error", code: "engine-crashed", message: "It ended.", hint: "Ask again." }

async function* play(events: readonly ChatEvent[], thrown?: unknown): AsyncGenerator<ChatEvent> {
  yield* events
  if (thrown !== undefined) throw thrown
}

async function readAll(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

const logged = () => {
  const lines: string[] = []
  return { lines, log: { ...SILENT_LOG, error: (message: string) => void lines.push(message) } }
}

describe("as a stream", () => {
  const cases: [string, readonly ChatEvent[], unknown, object, number][] = [
    ["a whole answer is the same", [START, FINISH], undefined, FINISH, 0],
    ["nothing comes after its end", [START, CRASH, FINISH], undefined, CRASH, 0],
    [
      "what a user can meet becomes the last event",
      [START],
      new AppError("disk-full", { message: "Full." }),
      { type: "error", code: "disk-full", message: "Full." },
      0,
    ],
    ["a mistake of ours is logged too", [START], new Error("ours"), { type: "error", code: "internal" }, 1],
    ["so is an end without an end", [START], undefined, { type: "error", code: "internal" }, 1],
  ]
  test.each(cases)("%s", async (_, events, thrown, last, lines) => {
    const { log, lines: written } = logged()
    const read = await readAll(endWithError(play(events, thrown), log))
    expect(read).toHaveLength(2)
    expect(read.at(-1)).toMatchObject(last)
    expect(written).toHaveLength(lines)
  })

  test("stopping to read ends the work behind it", async () => {
    let ended = false
    async function* work(): AsyncGenerator<ChatEvent> {
      try {
        for (;;) yield START
      } finally {
        ended = true
      }
    }
    for await (const _ of endWithError(work(), SILENT_LOG)) break
    expect(ended).toBe(true)
  })
})

describe("as one body", () => {
  test("a whole answer is the same, to its end", async () => {
    expect(await readAll(throwErrors(play([START, FINISH, START])))).toEqual([START, FINISH])
  })

  test("an error is thrown with its hint", async () => {
    await expect(readAll(throwErrors(play([START, CRASH])))).rejects.toMatchObject({
      code: "engine-crashed",
      hint: "Ask again.",
    })
  })

  test("so is an end without an end", async () => {
    await expect(readAll(throwErrors(play([START])))).rejects.toThrow("without")
  })
})
