// A window that slides over the header of a GGUF file, and the reading of single values from it. Parsing is written
// as generators: a step yields how many bytes it must see before it can go on, and `runSteps` fetches them. So the
// parser has no `await` per field, and never holds more than one window of the source.

import { type ByteSource, GgufError, type GgufLimits } from "./gguf-file.ts"

/** One read of the source; a value longer than this is fetched as a whole. */
const WINDOW_BYTES = 1024 * 1024

/** A JavaScript string's own head and the reference to it, roughly. */
export const STRING_OVERHEAD_BYTES = 24

export interface HeaderWindow {
  bytes: Uint8Array
  view: DataView
  /** Where `bytes` begins in the file. */
  start: number
  /** The next byte to read, an index into `bytes`. */
  at: number
  /** What the values read so far take in memory, bytes; small items take more there than in the file. */
  held: number
  readonly fileSizeBytes: number
  readonly limits: GgufLimits
}

/** A piece of parsing: yields the number of bytes it needs from `at` on, returns what it read. */
export type Steps<T> = Generator<number, T, void>

/**
 * Runs a parser over a source, fetching what it asks for.
 *
 * @throws GgufError of the parser; the signal's reason; what the source rejects with.
 */
export async function runSteps<T>(
  parse: (window: HeaderWindow) => Steps<T>,
  source: ByteSource,
  limits: GgufLimits,
  signal?: AbortSignal,
): Promise<T> {
  const empty = new Uint8Array(0)
  const window: HeaderWindow = {
    bytes: empty,
    view: new DataView(empty.buffer),
    start: 0,
    at: 0,
    held: 0,
    fileSizeBytes: source.sizeBytes,
    limits,
  }
  const steps = parse(window)
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value
    await fetchMore(window, step.value, source, signal)
  }
}

async function fetchMore(
  window: HeaderWindow,
  needed: number,
  source: ByteSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  const rest = window.bytes.subarray(window.at)
  const from = window.start + window.at
  const most = Math.min(window.fileSizeBytes, window.limits.headerBytes) - from
  const fetched = await source.read(
    from + rest.length,
    Math.min(Math.max(needed, WINDOW_BYTES), most) - rest.length,
    signal,
  )
  const bytes = new Uint8Array(rest.length + fetched.length)
  bytes.set(rest)
  bytes.set(fetched, rest.length)
  window.bytes = bytes
  window.view = new DataView(bytes.buffer)
  window.start = from
  window.at = 0
}

/** Where the next byte lies in the file. */
export function position(window: HeaderWindow): number {
  return window.start + window.at
}

/** Bytes of the file from the next byte on. */
export function bytesLeft(window: HeaderWindow): number {
  return window.fileSizeBytes - position(window)
}

/** Makes sure that `count` bytes are in the window. */
export function* need(window: HeaderWindow, count: number, what: string): Steps<void> {
  if (window.at + count <= window.bytes.length) return
  const offset = position(window)
  if (count > window.fileSizeBytes - offset) {
    throw new GgufError(
      "truncated",
      offset,
      `${what} needs ${count} bytes, but only ${window.fileSizeBytes - offset} are left in the file`,
    )
  }
  if (offset + count > window.limits.headerBytes) {
    throw new GgufError(
      "header-too-large",
      offset,
      `${what} ends beyond the limit of ${window.limits.headerBytes} bytes for the header`,
    )
  }
  yield count
}

/** Counts memory that a value will take against the limit of the header. */
export function hold(window: HeaderWindow, bytes: number, what: string): void {
  window.held += bytes
  if (window.held > window.limits.headerBytes) {
    throw new GgufError(
      "header-too-large",
      position(window),
      `${what} takes the header's values over the limit of ${window.limits.headerBytes} bytes`,
    )
  }
}

/** Names with control characters are refused: native code compares names only up to the first NUL. */
export function hasControlCharacter(name: string): boolean {
  for (let index = 0; index < name.length; index++) if (name.charCodeAt(index) < 32) return true
  return false
}

export function* readUint32(window: HeaderWindow, what: string): Steps<number> {
  if (window.at + 4 > window.bytes.length) yield* need(window, 4, what)
  const value = window.view.getUint32(window.at, true)
  window.at += 4
  return value
}

/** Exact up to 2^53; larger values come rounded, and so stay larger than every limit. */
export function* readUint64(window: HeaderWindow, what: string): Steps<number> {
  if (window.at + 8 > window.bytes.length) yield* need(window, 8, what)
  const value = uint64At(window.view, window.at)
  window.at += 8
  return value
}

export function uint64At(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
}

/** A string with its 64-bit length in front, at most `limit` bytes, else the error `rule`. */
export function* readString(window: HeaderWindow, limit: number, rule: string, what: string): Steps<string> {
  const offset = position(window)
  const length = yield* readUint64(window, what)
  if (length > limit)
    throw new GgufError(rule, offset, `${what} claims ${length} bytes; the limit is ${limit}`)
  yield* need(window, length, what)
  hold(window, STRING_OVERHEAD_BYTES + length, what)
  const bytes = window.bytes.subarray(window.at, window.at + length)
  window.at += length
  return decodeText(bytes, offset, what)
}

/** UTF-8, as the format demands; native code would meet the same bytes unchecked. */
export function decodeText(bytes: Uint8Array, offset: number, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    const error = new GgufError("string-not-utf8", offset, `${what} is not valid UTF-8`)
    error.cause = cause
    throw error
  }
}
