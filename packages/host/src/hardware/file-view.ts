// The small text files of /proc and /sys as something that can be passed in: tests are other machines.
import { closeSync, openSync, readdirSync, readSync } from "node:fs"

export interface FileView {
  /** The beginning of a file; undefined when it cannot be read. */
  text(path: string): string | undefined
  /** Names in a folder; empty when it cannot be read. */
  names(path: string): readonly string[]
}

/** Enough for the first processor of /proc/cpuinfo and all of the other files; the rest of a long one is not read. */
const READ_BYTES = 16 * 1_024

export const THIS_MACHINE: FileView = Object.freeze({
  text(path: string): string | undefined {
    let file: number | undefined
    try {
      file = openSync(path, "r")
      const buffer = Buffer.alloc(READ_BYTES)
      let length = 0
      // The kernel gives such files a page at a time.
      for (;;) {
        const count = readSync(file, buffer, length, READ_BYTES - length, null)
        length += count
        if (count === 0 || length === READ_BYTES) return buffer.toString("utf8", 0, length)
      }
    } catch {
      return undefined
    } finally {
      if (file !== undefined) closeSync(file)
    }
  },
  names(path: string): readonly string[] {
    try {
      return readdirSync(path)
    } catch {
      return []
    }
  },
})
