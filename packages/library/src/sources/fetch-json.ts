// Small JSON answers of registries: bounded, tried again, never a web page in their place.

import type { EgressPurpose } from "@fireside/egress"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"
import { requireGoodStatus } from "../download/range-response.ts"
import { retry } from "../download/retry.ts"
import type { SourceWorld } from "../source.ts"

export interface SmallRequest {
  readonly url: string
  /** For messages: `the hub's list of files`. */
  readonly what: string
  readonly headers?: Readonly<Record<string, string>>
  readonly trustedOrigins: readonly string[]
  readonly purpose: EgressPurpose
  readonly maximumBytes?: number
}

export interface SmallAnswer {
  readonly bytes: Uint8Array
  readonly headers: Readonly<Record<string, string>>
  readonly url: string
}

export async function fetchJson(
  request: SmallRequest,
  world: SourceWorld,
  signal: AbortSignal,
): Promise<{ readonly value: unknown; readonly headers: Readonly<Record<string, string>> }> {
  const answer = await fetchSmall(request, world, signal)
  try {
    return { value: JSON.parse(new TextDecoder().decode(answer.bytes)), headers: answer.headers }
  } catch (cause) {
    const page = /^text\/html\b/i.test(answer.headers["content-type"] ?? "")
    throw new AppError("bad-response", {
      message: `${request.what} is ${page ? "a web page" : "not JSON"}.`,
      hint: "A sign-in page of the network may be in between.",
      details: { rule: page ? "html" : "json", url: answer.url },
      cause,
    })
  }
}

/** Someone waits for the first answer, and there may be another source. */
const ASKING_ATTEMPTS = 3

/** The whole body of a small answer. Throws `bad-response` when it is larger than allowed. */
export function fetchSmall(
  request: SmallRequest,
  world: SourceWorld,
  signal: AbortSignal,
): Promise<SmallAnswer> {
  const attempt = async (): Promise<SmallAnswer> => {
    const { url, headers = {}, trustedOrigins, purpose } = request
    const response = await world.egress.request(
      { ...purpose, url, trustedOrigins, headers: { "accept-encoding": "identity", ...headers } },
      signal,
    )
    let finished = false
    try {
      requireGoodStatus(response, request.what)
      const bytes = await collect(response.body, request)
      finished = true
      return { bytes, headers: response.headers, url: response.url }
    } finally {
      // The reason is on its way already; a failing cancel adds nothing.
      if (!finished) await response.cancel().catch(() => {})
    }
  }
  const attempts = Math.min(world.bounds?.attempts ?? DOWNLOAD_LIMITS.attempts, ASKING_ATTEMPTS)
  return retry(attempt, { clock: world.clock, random: world.random, attempts }, signal)
}

async function collect(body: AsyncIterable<Uint8Array>, request: SmallRequest): Promise<Uint8Array> {
  const maximum = request.maximumBytes ?? DOWNLOAD_LIMITS.manifestBytes
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body) {
    length += piece.length
    if (length > maximum)
      throw new AppError("bad-response", {
        message: `${request.what} is larger than ${maximum} bytes.`,
        details: { rule: "too-large" },
      })
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
