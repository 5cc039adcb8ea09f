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
  const after = async (ms: number): Promise<typeof seen> => {
    clock.advance(ms)
    await turn()
    return seen
  }
  return { after, body, seen }
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
    const { after } = begin()
    await turn()
    expect((await after(999)).isOver).toBe(false)
    expect((await after(1)).isOver).toBe(true)
  })

  test("one that goes on sending has ten", async () => {
    const { after, body, seen } = begin()
    await turn()
    for (let times = 0; times < 19; times += 1) {
      body.write("more")
      await turn()
      await after(500)
    }
    expect(seen.isOver).toBe(false)
    expect((await after(500)).isOver).toBe(true)
  })
})
