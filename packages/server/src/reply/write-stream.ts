// Frames onto a socket: what comes in one turn of the event loop goes out in one write, a slow reader holds back its own answer, and a reader
// who takes nothing for long has left.
import type { Clock } from "@fireside/host"
import { HTTP_LIMITS } from "@fireside/protocol"
import type { ReplyHeaders } from "../route.ts"

/** The part of a response that is used. */
export interface StreamTarget {
  writeHead(status: number, headers: ReplyHeaders): unknown
  write(text: string): boolean
  end(): unknown
  destroy(): unknown
  once(event: "drain" | "close", listener: () => void): unknown
  off(event: "drain" | "close", listener: () => void): unknown
  readonly writableLength: number
  readonly destroyed: boolean
}

export interface StreamReply {
  readonly frames: AsyncIterable<string>
  readonly headers: ReplyHeaders
  readonly heartbeat: string | undefined
}

/** Resolves when the stream is written or its reader has left. `leave` is called when the reader takes nothing for too long. */
export async function writeStream(
  target: StreamTarget,
  { frames, headers, heartbeat }: StreamReply,
  { clock, leave }: { readonly clock: Clock; readonly leave: () => void },
): Promise<void> {
  target.writeHead(200, headers)
  let pending = ""
  let isScheduled = false
  let lastWrite = clock.monotonic()

  const flush = (): void => {
    isScheduled = false
    if (pending === "" || target.destroyed) return
    const text = pending
    pending = ""
    lastWrite = clock.monotonic()
    target.write(text)
  }
  const beat = (): void => {
    timer = clock.setTimer(HTTP_LIMITS.streamHeartbeatMs, beat)
    if (heartbeat === undefined || clock.monotonic() - lastWrite < HTTP_LIMITS.streamHeartbeatMs) return
    pending += heartbeat
    flush()
  }
  let timer = clock.setTimer(HTTP_LIMITS.streamHeartbeatMs, beat)

  try {
    for await (const frame of frames) {
      pending += frame
      if (!isScheduled) {
        isScheduled = true
        setImmediate(flush)
      }
      if (target.writableLength + pending.length > HTTP_LIMITS.streamBufferBytes) {
        flush()
        await drained(target, clock, leave)
      }
      if (target.destroyed) return
    }
    flush()
    target.end()
  } finally {
    timer.cancel()
  }
}

/** Waits until the reader has taken what is there, or is gone. */
async function drained(target: StreamTarget, clock: Clock, leave: () => void): Promise<void> {
  if (target.destroyed || target.writableLength === 0) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = clock.setTimer(HTTP_LIMITS.slowReaderMs, () => {
    leave()
    target.destroy()
    resolve()
  })
  target.once("drain", resolve)
  target.once("close", resolve)
  try {
    await promise
  } finally {
    timer.cancel()
    target.off("drain", resolve)
    target.off("close", resolve)
  }
}
