// Arrays of strings of GGUF metadata. A vocabulary has hundreds of thousands of strings and the engine's start waits
// for the header, so they are checked and measured while reading, and cut into strings only when somebody asks.

import { type GgufArray, GgufError } from "./gguf-file.ts"
import {
  bytesLeft,
  decodeText,
  type HeaderWindow,
  hold,
  need,
  position,
  STRING_OVERHEAD_BYTES,
  type Steps,
  uint64At,
} from "./header-window.ts"

/** Strings with their 64-bit lengths in front, as in the file. */
interface Run {
  readonly bytes: Uint8Array
  readonly count: number
}

/** The strings of an array whose count was already read and is within the limit. */
export function* readStrings(window: HeaderWindow, count: number, what: string): Steps<GgufArray> {
  if (count * 8 > bytesLeft(window)) yield* need(window, count * 8, what)
  hold(window, count * STRING_OVERHEAD_BYTES, what)
  let runs: Run[] = []
  let read = 0
  let longestBytes = 0
  while (read < count) {
    const found = wholeStrings(window, count - read, what, read)
    if (found.count === 0) {
      yield* need(window, found.needed, what)
      continue
    }
    hold(window, found.length, what)
    const bytes = window.bytes.slice(window.at, window.at + found.length)
    checkText(bytes, found, position(window), what)
    runs.push({ bytes, count: found.count })
    window.at += found.length
    read += found.count
    longestBytes = Math.max(longestBytes, found.longest)
  }
  let items: string[] | undefined
  return {
    itemType: "string",
    count,
    longestBytes,
    get items() {
      items ??= runs.length === 1 && runs[0] ? cut(runs[0]) : runs.flatMap(cut)
      runs = []
      return items
    },
  }
}

/** How many of the next strings lie wholly in the window, and how many bytes the first needs that does not. */
function wholeStrings(window: HeaderWindow, most: number, what: string, first: number) {
  const { view } = window
  const end = window.bytes.length
  const limit = window.limits.stringBytes
  let at = window.at
  let count = 0
  let longest = 0
  let needed = 8
  const long: number[] = []
  while (count < most && at + 8 <= end) {
    const length = uint64At(view, at)
    if (length > limit) {
      const claim = `${what}, item ${first + count}, claims ${length} bytes; the limit is ${limit}`
      throw new GgufError("string-length", window.start + at, claim)
    }
    needed = 8 + length
    if (at + needed > end) break
    if (length > longest) longest = length
    if (length > 127) long.push(at - window.at)
    at += needed
    count++
  }
  return { count, longest, long, needed, length: at - window.at }
}

/**
 * Every string must be UTF-8. One call of the decoder checks them all: the lengths between them are ASCII (those over
 * 127, at the places `long`, are blanked for the call), so no character can begin in one string and end in the next.
 */
function checkText(
  bytes: Uint8Array,
  { count, long }: { readonly count: number; readonly long: readonly number[] },
  offset: number,
  what: string,
): void {
  const lengths = long.map((at) => bytes.slice(at, at + 4))
  for (const at of long) bytes.fill(0, at, at + 4)
  const valid = decode(bytes) !== undefined
  for (const [index, at] of long.entries()) bytes.set(lengths[index] ?? [], at)
  if (valid) return
  const view = new DataView(bytes.buffer)
  for (let index = 0, at = 0; index < count; index++) {
    const length = view.getUint32(at, true)
    decodeText(bytes.subarray(at + 8, at + 8 + length), offset + at, `${what}, a string in it,`)
    at += 8 + length
  }
}

const NUL = "\0"
const CUT = NUL.repeat(8)

/** Overwrites the lengths with NULs, decodes the whole at once and cuts it there. */
function cut({ bytes, count }: Run): string[] {
  const view = new DataView(bytes.buffer)
  const lengths = new Uint32Array(count)
  for (let index = 0, at = 0; index < count; index++) {
    const length = view.getUint32(at, true)
    lengths[index] = length
    view.setBigUint64(at, 0n)
    at += 8 + length
  }
  const texts = (decode(bytes) ?? "").split(CUT)
  texts.shift()
  // NULs of a string's own would move the cuts; without any, the cuts are where the lengths were.
  if (texts.length === count && !texts.join("").includes(NUL)) return texts
  let at = 0
  return Array.from(lengths, (length) => {
    const text = decode(bytes.subarray(at + 8, at + 8 + length)) ?? ""
    at += 8 + length
    return text
  })
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
