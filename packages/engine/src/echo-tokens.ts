// The echo engine's tokens: words with the space before them, cut to five bytes. A token's number holds its bytes, so that
// nothing has to be remembered and every text comes back as it went in.

const MAX_BYTES = 5
/** Numbers below are control tokens; those above hold bytes behind a leading one. */
const FIRST_TEXT_TOKEN = 256
const CONTROL_TOKENS = ["", "<|im_start|>", "<|im_end|>"]
export const ECHO_BOS = 0
export const ECHO_CONTROL_TEXTS: readonly string[] = CONTROL_TOKENS.slice(1)

/** Where each token of the text ends, in UTF-16 units. */
function* tokenEnds(text: string): Iterable<number> {
  let bytes = 0
  let at = 0
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    if (bytes > 0 && (bytes + size > MAX_BYTES || code === 0x20)) {
      yield at
      bytes = 0
    }
    bytes += size
    at += code > 0xffff ? 2 : 1
  }
  if (bytes > 0) yield at
}

/** The texts of the tokens, without control tokens. */
export function splitEcho(text: string): string[] {
  const pieces: string[] = []
  let start = 0
  for (const end of tokenEnds(text)) {
    pieces.push(text.slice(start, end))
    start = end
  }
  return pieces
}

export function countEcho(text: string): number {
  let count = 0
  for (const _ of tokenEnds(text)) count += 1
  return count
}

/** Control tokens are recognised only with `special`. */
export function tokenizeEcho(text: string, special: boolean): number[] {
  const parts = special ? text.split(/(<\|im_start\|>|<\|im_end\|>)/) : [text]
  return parts.flatMap((part, i) =>
    i % 2 === 1 ? [CONTROL_TOKENS.indexOf(part)] : splitEcho(part).map(toNumber),
  )
}

function toNumber(piece: string): number {
  let number = 1
  for (const byte of Buffer.from(piece)) number = number * 256 + byte
  return number
}

/** Undefined for a number that is no token. */
export function echoTokenBytes(token: number): Buffer | undefined {
  if (!Number.isInteger(token) || token < 0) return undefined
  if (token < FIRST_TEXT_TOKEN)
    return token < CONTROL_TOKENS.length ? Buffer.from(CONTROL_TOKENS[token] ?? "") : undefined
  const bytes: number[] = []
  for (let rest = token; rest > 1; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return bytes.length <= MAX_BYTES ? Buffer.from(bytes) : undefined
}

/** A normalised vector of hashed words: equal texts are equal, texts that share words are near. */
export function embedEcho(text: string, length: number): Float32Array {
  const vector = new Float32Array(length)
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    let hash = 0x811c9dc5
    for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193) >>> 0
    const index = hash % length
    vector[index] = (vector[index] ?? 0) + (hash & 0x8000_0000 ? -1 : 1)
  }
  const norm = Math.hypot(...vector)
  // Words may cancel out: the vector of such a text is still one of length 1.
  if (norm === 0) vector[0] = 1
  else for (let i = 0; i < length; i += 1) vector[i] = (vector[i] ?? 0) / norm
  return vector
}
