// The line that the user types: Node's line editor behind a gate, so that what is typed during an answer waits for its end.
// Ctrl-C is always told; it never ends the process by itself. A paste of many lines is one line with `↵` in it.
import { createInterface, type Interface } from "node:readline"
import { PassThrough } from "node:stream"
import type { Io, OutputStream } from "../terminal/io.ts"

export interface LineEditor extends Disposable {
  /** The next line, `undefined` at the end of input (Ctrl-D). */
  read(prompt: string): Promise<string | undefined>
}

export interface LineEditorOptions {
  readonly io: Io
  /** Newest first. */
  readonly history: string[]
  /** Ctrl-C: while an answer runs, on an empty line, or on a line with text (which is then dropped). */
  readonly onInterrupt: (where: "answer" | "empty-line" | "line") => void
}

const INTERRUPT = "\x03"
const PASTE_ON = "\x1b[?2004h"
const PASTE_OFF = "\x1b[?2004l"
const PASTE_BEGIN = "\x1b[200~"
const PASTE_END = "\x1b[201~"
/** Stands for a line feed inside a pasted text while it is edited. */
const LINE_MARK = "↵"

export function createLineEditor({ io, history, onInterrupt }: LineEditorOptions): LineEditor {
  const { stdin } = io
  const output: OutputStream = io.stdoutIsTerminal ? io.stdout : io.stderr
  const gate = new PassThrough()
  const editor: Interface = createInterface({
    input: gate,
    output,
    terminal: io.stdinIsTerminal,
    history,
    historySize: 1_000,
    removeHistoryDuplicates: true,
  })
  const lines: string[] = []
  let waiting: ((line: string | undefined) => void) | undefined
  let typedAhead = ""
  let ended = false
  const pastes = createPasteMarker()

  const finish = (): void => {
    ended = true
    waiting?.(undefined)
    waiting = undefined
  }
  editor.on("line", (line) => {
    const text = pastes.unmark(line)
    if (waiting === undefined) lines.push(text)
    else waiting(text)
    waiting = undefined
  })
  editor.on("SIGINT", () => {
    const where = editor.line === "" ? "empty-line" : "line"
    if (where === "line") {
      editor.write(null, { ctrl: true, name: "e" })
      editor.write(null, { ctrl: true, name: "u" })
    }
    onInterrupt(where)
    if (waiting !== undefined) editor.prompt()
  })
  editor.on("close", finish)

  const onData = (bytes: Buffer | string): void => {
    const text = bytes.toString()
    if (waiting !== undefined || !io.stdinIsTerminal) {
      gate.write(pastes.mark(text))
      return
    }
    for (const character of text) {
      if (character === INTERRUPT) {
        typedAhead = ""
        onInterrupt("answer")
      } else typedAhead += character
    }
  }
  const onEnd = (): void => void gate.end()
  stdin.setEncoding("utf8")
  stdin.setRawMode?.(true)
  if (io.stdinIsTerminal) output.write(PASTE_ON)
  stdin.on("data", onData)
  stdin.on("end", onEnd)
  // A question before may have paused it.
  stdin.resume()

  return {
    read(prompt) {
      const line = lines.shift()
      if (line !== undefined) return Promise.resolve(line)
      if (ended) return Promise.resolve(undefined)
      return new Promise((resolve) => {
        waiting = resolve
        editor.setPrompt(prompt)
        editor.prompt()
        const ahead = typedAhead
        typedAhead = ""
        if (ahead !== "") gate.write(pastes.mark(ahead))
      })
    },
    [Symbol.dispose]() {
      stdin.off("data", onData)
      stdin.off("end", onEnd)
      editor.close()
      stdin.pause()
      stdin.setRawMode?.(false)
      if (io.stdinIsTerminal) output.write(PASTE_OFF)
    },
  }
}

interface PasteMarker {
  /** What the editor gets: without the brackets of a paste, its line ends marked. */
  mark(text: string): string
  unmark(line: string): string
}

function createPasteMarker(): PasteMarker {
  let inside = false
  let marked = false
  let held = ""

  function next(text: string): string {
    const sign = inside ? PASTE_END : PASTE_BEGIN
    const at = text.indexOf(sign)
    if (at >= 0) {
      const before = take(text.slice(0, at))
      inside = !inside
      return before + next(text.slice(at + sign.length))
    }
    // The sign may be cut in two; a lone ESC is the Escape key and is passed on.
    for (let length = Math.min(sign.length - 1, text.length); length > 1; length -= 1) {
      if (!text.endsWith(sign.slice(0, length))) continue
      held = text.slice(-length)
      return take(text.slice(0, -length))
    }
    return take(text)
  }

  function take(text: string): string {
    if (!inside) return text
    const line = text.replace(/\r\n?|\n/g, LINE_MARK).replaceAll("\t", "  ")
    if (line.includes(LINE_MARK)) marked = true
    return line
  }

  return {
    mark(text) {
      const whole = held + text
      held = ""
      return next(whole)
    },
    unmark(line) {
      const text = marked ? line.replaceAll(LINE_MARK, "\n") : line
      marked = false
      return text
    },
  }
}
