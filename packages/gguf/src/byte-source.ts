// Byte sources that need no platform: bytes in memory and any handle that reads at a position.
// The file of a Node program is opened in `node-file-source.ts`; HTTP ranges live with their owner, the library.

import type { ByteSource } from "./gguf-file.ts"

/** What `fileSource` needs of an open file; a `FileHandle` of `node:fs/promises` has this shape. */
export interface PositionedReader {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>
}

/** Reads from memory; the pieces it gives are views, not copies. */
export function bufferSource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    async read(offset, length, signal) {
      signal?.throwIfAborted()
      if (offset < 0 || length < 0 || offset + length > bytes.length) throw endedEarly(offset, length)
      return bytes.subarray(offset, offset + length)
    },
  }
}

/** Reads from an open handle, whose owner closes it. `sizeBytes` is the file's size when it was opened. */
export function fileSource(handle: PositionedReader, sizeBytes: number): ByteSource {
  return {
    sizeBytes,
    async read(offset, length, signal) {
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        signal?.throwIfAborted()
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled)
        if (bytesRead === 0) throw endedEarly(offset, length)
        filled += bytesRead
      }
      return bytes
    },
  }
}

function endedEarly(offset: number, length: number): RangeError {
  return new RangeError(`the source ended before ${length} bytes at offset ${offset}`)
}
