// Messages between a process of ours and its child: four bytes of length, then a structured clone. Node's own channel collects
// whatever length a child announces before anyone may look; here a length above the limit is refused by its first four bytes.
import { deserialize, serialize } from "node:v8"

const HEADER_BYTES = 4

export function encodeFrame(message: unknown): Buffer {
  const body = serialize(message)
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  header.writeUInt32LE(body.length)
  return Buffer.concat([header, body])
}

export interface FrameReader {
  /** Takes the next bytes, however they were cut. After `onBad` everything is dropped. */
  push(chunk: Buffer): void
  /** For the frames that begin from now on. */
  setLimit(frameBytes: number): void
}

export interface FrameReaderOptions {
  /** Defaults to no limit: for the child, who trusts its parent. */
  readonly frameBytes?: number
  readonly onMessage: (message: unknown) => void
  /** Told once, as the end of "the process sent …". */
  readonly onBad: (what: string) => void
}

/** Holds at most one frame, in memory that is taken when its length is known and allowed. */
export function createFrameReader({
  frameBytes = Number.POSITIVE_INFINITY,
  onMessage,
  onBad,
}: FrameReaderOptions): FrameReader {
  let limitBytes = frameBytes
  let isBad = false
  const header = Buffer.alloc(HEADER_BYTES)
  let headerHeld = 0
  let body: Buffer | null = null
  let bodyHeld = 0

  const fail = (what: string): void => {
    isBad = true
    body = null
    onBad(what)
  }
  const deliver = (bytes: Buffer): void => {
    let message: unknown
    try {
      message = deserialize(bytes)
    } catch {
      fail("a message that cannot be read")
      return
    }
    onMessage(message)
  }
  return {
    setLimit: (bytes) => {
      limitBytes = bytes
    },
    push(chunk) {
      let at = 0
      while (at < chunk.length && !isBad) {
        if (headerHeld < HEADER_BYTES) {
          const taken = chunk.copy(header, headerHeld, at, at + HEADER_BYTES - headerHeld)
          headerHeld += taken
          at += taken
          if (headerHeld < HEADER_BYTES) return
          const length = header.readUInt32LE()
          if (length > limitBytes)
            return fail(`a message of ${length} bytes; at most ${limitBytes} are taken`)
          if (length <= chunk.length - at) {
            headerHeld = 0
            at += length
            deliver(chunk.subarray(at - length, at))
            continue
          }
          body = Buffer.allocUnsafeSlow(length)
          bodyHeld = 0
        }
        if (body === null) return
        const taken = chunk.copy(body, bodyHeld, at)
        bodyHeld += taken
        at += taken
        if (bodyHeld < body.length) return
        const whole = body
        body = null
        headerHeld = 0
        deliver(whole)
      }
    },
  }
}
