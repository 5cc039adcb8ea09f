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
  return {
    push: (bytes) => decoder.decode(bytes, { stream: true }),
    end: () => {
      const rest = decoder.decode()
      decoder = create()
      return rest
    },
  }
}

function create(): TextDecoder {
  // A byte order mark is a token like any other: it must come out again.
  return new TextDecoder("utf-8", { ignoreBOM: true })
}
