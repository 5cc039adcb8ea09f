// Bytes of tokens → text that never ends inside a code point. A token may hold a part of a character.
import { TextDecoder } from "node:util"

export interface Utf8Decoder {
  /** The text that is whole now. Bytes that may still become a character are held back; bytes that cannot are U+FFFD. */
  push(bytes: Uint8Array): string
  /** What was held back: one U+FFFD for a character that never came whole. Ready for new text after it. */
  end(): string
}

export function createUtf8Decoder(): Utf8Decoder {
  let decoder = create()
  let mayHoldBack = false
  return {
    push: (bytes) => {
      // Most tokens are a few such bytes, and the decoder takes ten times as long to be called.
      if (!mayHoldBack && isPlain(bytes)) return String.fromCharCode(...bytes)
      mayHoldBack = (bytes.at(-1) ?? FIRST_BEYOND_ASCII) >= FIRST_BEYOND_ASCII
      return decoder.decode(bytes, { stream: true })
    },
    end: () => {
      const rest = decoder.decode()
      decoder = create()
      mayHoldBack = false
      return rest
    },
  }
}

const FIRST_BEYOND_ASCII = 0x80
/** Longer ones are not worth a list of arguments. */
const PLAIN_BYTES = 32

function isPlain(bytes: Uint8Array): boolean {
  if (bytes.length > PLAIN_BYTES) return false
  for (const byte of bytes) if (byte >= FIRST_BEYOND_ASCII) return false
  return true
}

function create(): TextDecoder {
  // A byte order mark is a token like any other: it must come out again.
  return new TextDecoder("utf-8", { ignoreBOM: true })
}
