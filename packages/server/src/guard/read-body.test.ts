import { Readable } from "node:stream"
import { createFakeClock } from "@fireside/host/testing"
import { type AppError, HTTP_LIMITS } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { type BodyRequest, checkBodyHeaders, isJson, readBody, streamBody } from "./read-body.ts"

const request = (...chunks: string[]): BodyRequest =>
  Object.assign(Readable.from(chunks.map((text) => Buffer.from(text))), { headers: {} })
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
})
