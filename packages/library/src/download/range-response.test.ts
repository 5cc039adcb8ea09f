import type { EgressResponse } from "@fireside/egress"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"
import { describe, expect, it } from "vitest"
import { judgeRangeResponse, type RangeAnswer, type RangeExpectation } from "./range-response.ts"

const EXPECTED: RangeExpectation = {
  file: "x.gguf",
  start: 100,
  end: 200,
  sizeBytes: 1_000,
  etag: '"a"',
  weights: true,
}

function judge(
  status: number,
  headers: Readonly<Record<string, string>>,
  changes: Partial<RangeExpectation> = {},
): RangeAnswer | unknown {
  async function* nothing(): AsyncGenerator<Uint8Array> {}
  const response: EgressResponse = {
    status,
    headers,
    url: "https://h.test/x",
    body: nothing(),
    cancel: async () => {},
  }
  try {
    return judgeRangeResponse(response, { ...EXPECTED, ...changes })
  } catch (error) {
    if (error instanceof AppError) return `${error.code}:${String(error.details.rule)}`
    throw error
  }
}

describe("judgeRangeResponse", () => {
  it.each<[string, string, unknown]>([
    ["what was asked for", "bytes 100-199/1000", { type: "range", end: 200, sizeBytes: 1_000 }],
    ["less than was asked for", "bytes 100-149/1000", { type: "range", end: 150, sizeBytes: 1_000 }],
    ["an earlier start", "bytes 99-199/1000", "bad-response:wrong-range"],
    ["a later start", "bytes 101-199/1000", "bad-response:wrong-range"],
    ["more than was asked for", "bytes 100-200/1000", "bad-response:wrong-range"],
    ["an end before the start", "bytes 100-98/1000", "bad-response:wrong-range"],
    ["another size", "bytes 100-199/1001", "bad-response:wrong-length"],
    ["no size", "bytes 100-199/*", "bad-response:content-range"],
    ["nonsense", "bytes x", "bad-response:content-range"],
  ])("206 with %s", (_name, range, answer) => {
    const result = judge(206, { "content-range": range })
    if (typeof answer === "string") expect(result).toBe(answer)
    else expect(result).toMatchObject(answer as object)
  })

  it("200 is the whole file, as long as its ETag is the one we know", () => {
    expect(judge(200, { etag: '"a"', "content-length": "1000" })).toMatchObject({
      type: "whole",
      sizeBytes: 1_000,
    })
    expect(judge(200, { etag: '"b"', "content-length": "7" })).toEqual({ type: "changed" })
    expect(judge(206, { etag: '"b"', "content-range": "bytes 100-199/1000" })).toEqual({ type: "changed" })
  })

  it("takes no weak ETag for a promise", () => {
    expect(judge(200, { etag: 'W/"b"' })).toMatchObject({ type: "whole", etag: undefined })
  })

  it("has a limit of size: n passes, n + 1 does not", () => {
    const whole = (size: number): unknown => judge(200, { "content-length": String(size) }, { sizeBytes: 0 })
    expect(whole(DOWNLOAD_LIMITS.fileBytes)).toMatchObject({ type: "whole" })
    expect(whole(DOWNLOAD_LIMITS.fileBytes + 1)).toBe("bad-response:too-large")
  })

  it.each([
    [204, "bad-response:status"],
    [301, "bad-response:status"],
    [401, "model-unavailable:status"],
    [404, "model-unavailable:status"],
    [416, "bad-response:status"],
    [429, "network-failed:status"],
    [500, "network-failed:status"],
  ])("status %d → %s", (status, answer) => {
    expect(judge(status, {})).toBe(answer)
  })
})
