import { Readable } from "node:stream"
import { createFakeClock } from "@fireside/host/testing"
import { type AppError, HTTP_LIMITS } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { type BodyRequest, checkBodyHeaders, isJson, readBody, streamBody } from "./read-body.ts"

const request = (...chunks: string[]): BodyRequest =>
  Object.assign(Readable.from(chunks.map((text) => Buffer.from(text))), { headers: {} })
/** Until what was pushed has been read. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const options = { limitBytes: 10, clock: createFakeClock(), giveUp: () => {} }

describe("isJson", () => {
  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/vnd.api+json",
  ])("%s is", (type) => {
    expect(isJson(type)).toBe(true)
  })
  test.each([
    undefined,
    "",
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=application/json",
    "application/jsonp",
    "text/plain; application/json",
  ])("%s is not", (type) => {
    expect(isJson(type)).toBe(false)
  })
})

describe("checkBodyHeaders", () => {
  test("length at n and n + 1", () => {
    expect(() => checkBodyHeaders({ "content-length": "10" }, 10)).not.toThrow()
    expect(() => checkBodyHeaders({ "content-length": "11" }, 10)).toThrowError(
      expect.objectContaining({ code: "body-too-large" }),
    )
  })
  test.each(["gzip", "br", "deflate", "identity, gzip"])("encoding %s is refused", (encoding) => {
    expect(() => checkBodyHeaders({ "content-encoding": encoding }, 10)).toThrowError(
      expect.objectContaining({ code: "unsupported-media-type" }),
    )
  })
})

describe("readBody", () => {
  test("bytes at n and n + 1, however they are cut", async () => {
    expect((await readBody(request("12345", "67890"), options)).toString()).toBe("1234567890")
    await expect(readBody(request("12345", "678901"), options)).rejects.toMatchObject({
      code: "body-too-large",
    })
    expect((await readBody(request(), options)).length).toBe(0)
  })

  test("a body that brings too little is given up, one that goes on has its minute", async () => {
    const given: AppError[] = []
    const clock = createFakeClock()
    const stream = new Readable({ read() {} })
    const slow = Object.assign(stream, { headers: {} })
    const limitBytes = HTTP_LIMITS.bodyBytes
    const done = readBody(slow, {
      limitBytes,
      clock,
      giveUp: (error) => {
        given.push(error)
        stream.destroy(error)
      },
    })
    done.catch(() => {})
    stream.push("x")
    clock.advance(HTTP_LIMITS.slowBodyMs)
    await expect(done).rejects.toMatchObject({ code: "bad-request" })
    expect(given).toHaveLength(1)
    expect(clock.pendingTimers()).toBe(0)
  })

  const open = (): { body: BodyRequest; stream: Readable } => {
    const stream = new Readable({ read() {} })
    return { stream, body: Object.assign(stream, { headers: {} }) }
  }

  test("bytes of the first ten seconds at n and n - 1", async () => {
    for (const [size, isGivenUp] of [
      [HTTP_LIMITS.slowBodyBytes - 1, true],
      [HTTP_LIMITS.slowBodyBytes, false],
    ] as const) {
      const clock = createFakeClock()
      const { body, stream } = open()
      let given = 0
      const giveUp = (): void => {
        given += 1
        stream.push(null)
      }
      const done = readBody(body, { limitBytes: HTTP_LIMITS.bodyBytes, clock, giveUp })
      stream.push(Buffer.alloc(size))
      await turn()
      clock.advance(HTTP_LIMITS.slowBodyMs)
      expect(given).toBe(isGivenUp ? 1 : 0)
      clock.advance(HTTP_LIMITS.bodyMs - HTTP_LIMITS.slowBodyMs - 1)
      expect(given).toBe(isGivenUp ? 1 : 0)
      // Whoever brought enough then has the whole minute, and no more.
      if (!isGivenUp) clock.advance(1)
      expect(given).toBe(1)
      await done
    }
  })

  test("one that dribbles from the start is told of, one that is here or comes in bulk is not", async () => {
    for (const [size, isSlow] of [
      [1, true],
      [HTTP_LIMITS.slowBodyBytes, false],
    ] as const) {
      const clock = createFakeClock()
      const { body, stream } = open()
      let slow = 0
      const options = {
        limitBytes: HTTP_LIMITS.bodyBytes,
        clock,
        giveUp: () => {},
        onSlow: () => (slow += 1),
      }
      const done = readBody(body, options)
      stream.push(Buffer.alloc(size))
      await turn()
      clock.advance(1_000)
      expect(slow).toBe(isSlow ? 1 : 0)
      stream.push(null)
      await done
    }
  })

  test("a sender that leaves in the middle is no mistake of ours", async () => {
    const { body, stream } = open()
    const done = readBody(body, options)
    stream.push("12345")
    await turn()
    stream.destroy(Object.assign(new Error("aborted"), { code: "ECONNRESET" }))
    await expect(done).rejects.toMatchObject({
      code: "interrupted",
      message: expect.stringContaining("5 bytes"),
    })
  })
})

describe("streamBody", () => {
  const all = async (body: BodyRequest): Promise<string> => {
    let text = ""
    for await (const chunk of streamBody(body, options)) text += chunk.toString()
    return text
  }
  test("bytes at n and n + 1", async () => {
    expect(await all(request("12345", "67890"))).toBe("1234567890")
    await expect(all(request("12345", "678901"))).rejects.toMatchObject({ code: "body-too-large" })
  })

  test("one that brings too little in a minute is given up, however often it writes", async () => {
    for (const [bytes, isGivenUp] of [
      [HTTP_LIMITS.slowBodyBytes - 1, true],
      [HTTP_LIMITS.slowBodyBytes, false],
    ] as const) {
      const clock = createFakeClock()
      const stream = new Readable({ read() {} })
      const given: AppError[] = []
      const read = streamBody(Object.assign(stream, { headers: {} }), {
        limitBytes: HTTP_LIMITS.bodyBytes,
        clock,
        giveUp: (error) => given.push(error),
      })
      const done = (async () => {
        for await (const chunk of read) void chunk
      })()
      stream.push(Buffer.alloc(bytes - 1))
      await turn()
      clock.advance(HTTP_LIMITS.bodyMs - 1)
      stream.push("x")
      await turn()
      clock.advance(1)
      expect(given).toHaveLength(isGivenUp ? 1 : 0)
      stream.push(null)
      await done
      expect(clock.pendingTimers()).toBe(0)
    }
  })
})
