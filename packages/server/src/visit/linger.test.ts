import type { IncomingMessage } from "node:http"
import { PassThrough, type Readable } from "node:stream"
import { createFakeClock } from "@fireside/host/testing"
import { describe, expect, test } from "vitest"
import { lingering } from "./linger.ts"

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A body that is still sent, and the answer to it, with what has come of the answer. */
function begin() {
  const clock = createFakeClock()
  const body = new PassThrough({ highWaterMark: 1 })
  const answer: Readable = lingering("no", body as unknown as IncomingMessage, clock)
  const seen = { text: "", isOver: false }
  answer.setEncoding("utf8").on("data", (text: string) => {
    seen.text += text
  })
  answer.on("end", () => {
    seen.isOver = true
  })
  return { clock, body, seen }
}

describe("lingering", () => {
  test("the answer comes before the body, and ends with it", async () => {
    const { body, seen } = begin()
    await turn()
    expect(seen).toEqual({ text: "no", isOver: false })
    body.write("much")
    await turn()
    expect(body.readableLength).toBe(0)
    expect(seen.isOver).toBe(false)
    body.end()
    await turn()
    await turn()
    expect(seen).toEqual({ text: "no", isOver: true })
  })

  test.each([
    ["fails", (body: PassThrough) => body.destroy(new Error("reset"))],
    ["is gone", (body: PassThrough) => body.destroy()],
  ])("a client that %s ends it, and nothing else", async (_, leave) => {
    const { body, seen } = begin()
    await turn()
    leave(body)
    await turn()
    await turn()
    expect(seen).toEqual({ text: "no", isOver: true })
  })

  test("a client that waits itself is given a second", async () => {
    const { clock, seen } = begin()
    await turn()
    await clock.advance(999)
    await turn()
    expect(seen.isOver).toBe(false)
    await clock.advance(1)
    await turn()
    expect(seen.isOver).toBe(true)
  })

  test("one that goes on sending has ten", async () => {
    const { clock, body, seen } = begin()
    await turn()
    for (let second = 0; second < 19; second += 1) {
      body.write("more")
      await turn()
      await clock.advance(500)
    }
    await turn()
    expect(seen.isOver).toBe(false)
    await clock.advance(500)
    await turn()
    expect(seen.isOver).toBe(true)
  })
})
