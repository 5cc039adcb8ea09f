// Judges the head of an answer to a range request. Each way in which a server can be wrong has a name (`details.rule`).
import type { EgressResponse } from "@fireside/egress"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"

export interface RangeExpectation {
  /** What is downloaded, for messages. */
  readonly file: string
  readonly start: number
  /** Exclusive. */
  readonly end: number
  /** 0 while nobody has said it. */
  readonly sizeBytes: number
  readonly etag: string | undefined
  /** A GGUF file is expected, so a web page in its place is a mistake. */
  readonly weights: boolean
}

export type RangeAnswer =
  /** Bytes up to `end`, exclusive, which may be less than was asked for. */
  | {
      readonly type: "range"
      readonly end: number
      readonly sizeBytes: number
      readonly etag: string | undefined
    }
  /** The server sends the whole file; `sizeBytes` is 0 when it does not say how long it is. */
  | { readonly type: "whole"; readonly sizeBytes: number; readonly etag: string | undefined }
  /** The file is not the one that the first bytes came from. */
  | { readonly type: "changed" }

export function judgeRangeResponse(response: EgressResponse, expected: RangeExpectation): RangeAnswer {
  requireGoodStatus(response, expected.file)
  const { headers } = response
  const encoding = headers["content-encoding"]
  if (encoding !== undefined && encoding !== "identity")
    throw wrong(
      expected,
      "content-encoding",
      `is sent compressed (${encoding}), though that was not asked for`,
    )
  if (expected.weights && /^text\/html\b/i.test(headers["content-type"] ?? ""))
    throw wrong(
      expected,
      "html",
      "is a web page and not a model; a sign-in page of the network may be in between",
    )
  const etag = strongEtag(headers.etag)
  if (response.status === 200) {
    if (expected.etag !== undefined && etag !== undefined && etag !== expected.etag)
      return { type: "changed" }
    const sizeBytes = parseLength(headers["content-length"])
    requireSize(expected, sizeBytes)
    return { type: "whole", sizeBytes, etag }
  }
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(headers["content-range"] ?? "")
  if (range === null)
    throw wrong(
      expected,
      "content-range",
      `has no usable Content-Range (${headers["content-range"] ?? "none"})`,
    )
  const [start, last, sizeBytes] = range.slice(1).map(Number) as [number, number, number] // three groups of digits
  if (expected.etag !== undefined && etag !== undefined && etag !== expected.etag) return { type: "changed" }
  requireSize(expected, sizeBytes)
  if (start !== expected.start || last + 1 > expected.end || last < start)
    throw wrong(
      expected,
      "wrong-range",
      `answers bytes ${start}-${last} where ${expected.start}-${expected.end - 1} were asked for`,
    )
  return { type: "range", end: last + 1, sizeBytes, etag }
}

/** Throws for every status but 200 and 206; says which may be tried again. */
export function requireGoodStatus(response: EgressResponse, what: string): void {
  const { status } = response
  if (status === 200 || status === 206) return
  const details = { rule: "status", status, url: response.url }
  if (status === 401 || status === 403)
    throw new AppError("model-unavailable", {
      message: `${what}: ${hostOf(response.url)} refuses it (HTTP ${status}).`,
      hint: "It may need an account: accept the licence on its page and set a token.",
      details,
    })
  if (status === 404 || status === 410)
    throw new AppError("model-unavailable", {
      message: `${what}: ${hostOf(response.url)} does not have it (HTTP ${status}).`,
      details,
    })
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    throw new AppError("network-failed", {
      message: `${what}: ${hostOf(response.url)} answers HTTP ${status}.`,
      hint: "Try again later.",
      details: { ...details, retryAfterMs: parseRetryAfter(response.headers["retry-after"]) },
    })
  throw new AppError("bad-response", {
    message: `${what}: ${hostOf(response.url)} answers HTTP ${status}, which was not expected.`,
    details,
  })
}

export function wrong(expected: Pick<RangeExpectation, "file">, rule: string, what: string): AppError {
  return new AppError("bad-response", { message: `${expected.file} ${what}.`, details: { rule } })
}

function requireSize(expected: RangeExpectation, sizeBytes: number): void {
  if (sizeBytes > DOWNLOAD_LIMITS.fileBytes)
    throw wrong(
      expected,
      "too-large",
      `is said to have ${sizeBytes} bytes; the limit is ${DOWNLOAD_LIMITS.fileBytes}`,
    )
  if (expected.sizeBytes !== 0 && sizeBytes !== 0 && sizeBytes !== expected.sizeBytes)
    throw wrong(
      expected,
      "wrong-length",
      `has ${sizeBytes} bytes at the source; ${expected.sizeBytes} were promised`,
    )
}

/** A weak ETag does not promise the same bytes, so it cannot join ranges. */
function strongEtag(value: string | undefined): string | undefined {
  return value !== undefined && /^"[^"]{1,256}"$/.test(value) ? value : undefined
}

function parseLength(value: string | undefined): number {
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : 0
}

function parseRetryAfter(value: string | undefined): number {
  return value !== undefined && /^\d{1,4}$/.test(value) ? Number(value) * 1000 : 0
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "the source"
}
