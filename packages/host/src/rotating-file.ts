// A log file of bounded size: full, it is renamed `.1`, the older ones move on, the oldest goes.
import { appendFileSync, chmodSync, renameSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { makeFolderNow } from "./make-folder.ts"
import { FILE_MODE } from "./prepare-home.ts"

export interface RotatingFileOptions {
  readonly path: string
  /** Size at which the file is put aside. */
  readonly maxBytes: number
  /** How many old files stay. */
  readonly kept: number
}

export interface RotatingFile {
  /** Appends one line with its line end. Never throws: a full disk must not stop what is logged about. */
  write(line: string): void
  /** Lines that could not be written, oldest first; bounded. */
  unwritten(): readonly string[]
}

/** What is kept in memory while the disk takes nothing. */
const UNWRITTEN_LINES = 1_000

/** Opens nothing until the first line. Several processes may write the same file: each line is one append. */
export function openRotatingFile({ path, maxBytes, kept }: RotatingFileOptions): RotatingFile {
  const waiting: string[] = []
  const append = (text: string): void => {
    if (sizeOf(path) >= maxBytes) rotate(path, kept)
    appendFileSync(path, text, { mode: FILE_MODE })
  }
  return {
    write(line) {
      try {
        if (sizeOf(path) === 0) {
          makeFolderNow(dirname(path))
          appendFileSync(path, "", { mode: FILE_MODE })
          chmodSync(path, FILE_MODE)
        }
        append(waiting.join("") + line)
        waiting.length = 0
      } catch {
        // There is nowhere to report that the log itself fails; the lines wait for the disk.
        waiting.push(line)
        if (waiting.length > UNWRITTEN_LINES) waiting.shift()
      }
    },
    unwritten: () => waiting,
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function rotate(path: string, kept: number): void {
  for (let number = kept; number >= 1; number -= 1) {
    const from = number === 1 ? path : `${path}.${number - 1}`
    if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${path}.${number}`)
  }
}
