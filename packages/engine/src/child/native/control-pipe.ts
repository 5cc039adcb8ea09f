// Requests that must be heard in the middle of a batch, when this process's event loop stands still: four bytes each, the
// number of a request that is no longer wanted. Read without waiting, through poll(2).
import { fstatSync, readSync } from "node:fs"
import { createReadable } from "./readable.ts"

const RECORD_BYTES = 4

export interface ControlPipe {
  /** Numbers that came since the last call. `closed`: the parent is gone. Never waits. */
  read(): { readonly cancelled: readonly number[]; readonly closed: boolean }
}

/** Null where there is no such pipe or no poll(2): then work is stopped between batches only. */
export function openControlPipe(fd: number): ControlPipe | null {
  try {
    const stat = fstatSync(fd)
    if (!stat.isFIFO() && !stat.isSocket()) return null
  } catch {
    return null // not opened by the parent
  }
  const isReadable = createReadable(fd)
  if (isReadable === null) return null
  const buffer = Buffer.alloc(1_024)
  let held = 0
  return {
    read: () => {
      const cancelled: number[] = []
      for (;;) {
        if (!isReadable()) return { cancelled, closed: false }
        const count = readSync(fd, buffer, held, buffer.length - held, null)
        if (count === 0) return { cancelled, closed: true }
        held += count
        const whole = held - (held % RECORD_BYTES)
        for (let at = 0; at < whole; at += RECORD_BYTES) cancelled.push(buffer.readUInt32LE(at))
        buffer.copyWithin(0, whole, held)
        held -= whole
      }
    },
  }
}
