// The bytes of a request's body: of the right type and encoding, within the route's limit, and not for ever.
import type { IncomingMessage } from "node:http"
import type { Clock } from "@fireside/host"
import { AppError, HTTP_LIMITS } from "@fireside/protocol"

export type BodyRequest = Pick<IncomingMessage, "headers" | "iterator">

export interface ReadBodyOptions {
  readonly limitBytes: number
  readonly clock: Clock
  /** Ends the connection under a reader that waits. */
  readonly giveUp: (error: AppError) => void
  /** The body brought little in its first moment; it may still come. */
  readonly onSlow?: () => void
}

/** A small body is here well within this time, over a slow line too. */
const MOMENT_MS = 500

/** Media types that are JSON: `application/json` and `application/…+json`, with parameters. */
export function isJson(contentType: string | undefined): boolean {
  return /^\s*application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;.*)?$/i.test(contentType ?? "")
}

/** For a body that should be JSON. */
export function wrongType(contentType: string | undefined): AppError {
  return new AppError("unsupported-media-type", {
    message: `The body is ${contentType === undefined ? "of no type" : JSON.stringify(contentType.slice(0, 80))}.`,
    hint: "Send it with `content-type: application/json`.",
  })
}

/** Throws `unsupported-media-type` for compressed bodies and `body-too-large` by what the headers say, before a byte is read. */
export function checkBodyHeaders(headers: IncomingMessage["headers"], limitBytes: number): void {
  const encoding = headers["content-encoding"]
  if (encoding !== undefined && encoding !== "identity")
    throw new AppError("unsupported-media-type", {
      message: `The body is encoded as ${JSON.stringify(encoding.slice(0, 40))}.`,
      hint: "Send it without content-encoding.",
    })
  if (Number(headers["content-length"] ?? 0) > limitBytes) throw tooLarge(limitBytes)
}

/** All bytes. Throws `body-too-large`, `bad-request` for one that comes too slowly. */
export async function readBody(request: BodyRequest, options: ReadBodyOptions): Promise<Buffer> {
  const { limitBytes, clock, giveUp, onSlow } = options
  const chunks: Buffer[] = []
  let size = 0
  const slow = (): AppError =>
    new AppError("bad-request", { message: `The body did not come in time: ${size} bytes were there.` })
  const timers = [
    clock.setTimer(MOMENT_MS, () => {
      if (size < HTTP_LIMITS.slowBodyBytes) onSlow?.()
    }),
    clock.setTimer(HTTP_LIMITS.slowBodyMs, () => {
      if (size < HTTP_LIMITS.slowBodyBytes) giveUp(slow())
    }),
    clock.setTimer(HTTP_LIMITS.bodyMs, () => giveUp(slow())),
  ]
  try {
    for await (const chunk of chunksOf(request)) {
      size += chunk.length
      if (size > limitBytes) throw tooLarge(limitBytes)
      chunks.push(chunk)
    }
  } catch (error) {
    throw brokenOff(error, size)
  } finally {
    for (const timer of timers) timer.cancel()
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

/** The bytes as they come. Throws `body-too-large`; a sender that brings less than `slowBodyBytes` in `bodyMs` is given up. */
export async function* streamBody(request: BodyRequest, options: ReadBodyOptions): AsyncGenerator<Buffer> {
  const { limitBytes, clock, giveUp } = options
  let size = 0
  const watch = () =>
    clock.setTimer(HTTP_LIMITS.bodyMs, () =>
      giveUp(new AppError("bad-request", { message: `The body all but stopped after ${size} bytes.` })),
    )
  let timer = watch()
  let watchedFrom = 0
  try {
    for await (const chunk of chunksOf(request)) {
      size += chunk.length
      if (size > limitBytes) throw tooLarge(limitBytes)
      yield chunk
      if (size - watchedFrom < HTTP_LIMITS.slowBodyBytes) continue
      timer.cancel()
      timer = watch()
      watchedFrom = size
    }
  } catch (error) {
    throw brokenOff(error, size)
  } finally {
    timer.cancel()
  }
}

/** Who stops in the middle leaves the request open: it must still be answered. */
const chunksOf = (request: BodyRequest): AsyncIterable<Buffer> => request.iterator({ destroyOnReturn: false })

/** A sender that leaves in the middle, or whose chunks are none, is no mistake of ours. */
function brokenOff(error: unknown, size: number): unknown {
  const code = (error as { readonly code?: unknown } | undefined)?.code
  if (error instanceof AppError || (code !== "ECONNRESET" && code !== "ERR_STREAM_PREMATURE_CLOSE"))
    return error
  return new AppError("interrupted", { message: `The body broke off after ${size} bytes.`, cause: error })
}

function tooLarge(limitBytes: number): AppError {
  return new AppError("body-too-large", {
    message: `The body has more than the ${limitBytes} bytes that are taken here.`,
  })
}
