// A child's standard error as lines, bounded in length and number: a child that floods cannot fill the parent's memory or log.
import type { Readable } from "node:stream"

/** A line of the native library's log is < 1 KB; what is longer is cut. */
const LINE_CHARACTERS = 4_096
/** More lines in one child's life than this are dropped, and the drop is told once. */
const LINES = 10_000

/** Hands every line of `stream` to `onLine`, without its line end. */
export function readErrorLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = ""
  let cutting = false
  let count = 0
  const emit = (line: string): void => {
    count += 1
    if (count <= LINES) onLine(line)
    else if (count === LINES + 1) onLine(`(more than ${LINES} lines: the rest is dropped)`)
  }
  stream.setEncoding("utf8")
  stream.on("data", (text: string) => {
    const parts = (rest + text).split(/\r?\n/)
    rest = parts.pop() ?? ""
    for (const part of parts) {
      // The head of this line was told when it became too long.
      if (!cutting) emit(part.slice(0, LINE_CHARACTERS))
      cutting = false
    }
    if (rest.length > LINE_CHARACTERS) {
      if (!cutting) emit(rest.slice(0, LINE_CHARACTERS))
      cutting = true
      rest = ""
    }
  })
  stream.on("end", () => {
    if (rest !== "" && !cutting) emit(rest)
  })
  // The pipe breaks when the child is killed; its end is told by `exited`.
  stream.on("error", () => {})
}
