// The sha256 of a file whose ranges arrive out of order: follows the whole front, from memory where a piece continues it, else by
// reading back what is behind. At the end nothing is left to read but the last pieces.
import { createHash } from "node:crypto"
import { contiguousFront } from "./byte-ranges.ts"
import type { PartialFile } from "./partial-file.ts"

const READ_BYTES = 1024 * 1024

export interface FrontHasher {
  /** Called after `bytes` were written at `offset`. */
  offer(offset: number, bytes: Uint8Array): void
  /** Starts again: the file's bytes were thrown away. */
  reset(): Promise<void>
  /** The digest of the first `sizeBytes`, hex. Throws when they are not all there. */
  finish(sizeBytes: number, signal: AbortSignal): Promise<string>
}

export function createFrontHasher(file: PartialFile): FrontHasher {
  let hash = createHash("sha256")
  let position = 0
  let following: Promise<void> | undefined
  let stopped = false

  async function follow(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES)
    for (;;) {
      const length = Math.min(contiguousFront(file.written) - position, buffer.length)
      if (length <= 0 || stopped) return
      const count = await file.read(position, buffer.subarray(0, length))
      if (count === 0) throw new Error(`${file.path} ends before byte ${position}`)
      hash.update(buffer.subarray(0, count))
      position += count
    }
  }

  function startFollowing(): Promise<void> {
    following ??= follow().finally(() => {
      following = undefined
    })
    return following
  }

  return {
    offer(offset, bytes) {
      if (following !== undefined) return
      if (offset === position) {
        hash.update(bytes)
        position += bytes.length
        return
      }
      // Reading back fails only where the final pass would fail as well, and there it is reported.
      if (contiguousFront(file.written) > position) startFollowing().catch(() => {})
    },
    async reset() {
      stopped = true
      await following?.catch(() => {})
      stopped = false
      hash = createHash("sha256")
      position = 0
    },
    async finish(sizeBytes, signal) {
      while (position < sizeBytes) {
        signal.throwIfAborted()
        const before = position
        await startFollowing()
        if (position === before)
          throw new Error(`${file.path} is not whole at byte ${position} of ${sizeBytes}`)
      }
      return hash.digest("hex")
    },
  }
}
