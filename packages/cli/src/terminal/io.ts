// The terminal as the commands see it: three streams, and what may be done with each. Tests pass their own streams.
import picocolors from "picocolors"

export type Colours = ReturnType<typeof picocolors.createColors>

/** Standard input: only a terminal has a raw mode. */
export type InputStream = NodeJS.ReadableStream & {
  readonly isTTY?: boolean
  setRawMode?(raw: boolean): unknown
}
export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly destroyed?: boolean
}

export interface Streams {
  readonly stdin: InputStream
  readonly stdout: OutputStream
  readonly stderr: OutputStream
}

export interface Io extends Streams {
  readonly stdinIsTerminal: boolean
  readonly stdoutIsTerminal: boolean
  readonly stderrIsTerminal: boolean
  /** From here on nothing is coloured. */
  disableColours(): void
  /** For text that goes to standard output. */
  readonly outColours: Colours
  /** For text that goes to standard error. */
  readonly errColours: Colours
  /** Waits while the reader is behind. */
  out(text: string): Promise<void>
  err(text: string): void
  columns(): number
}

export interface IoOptions {
  /** Colours are off whatever the stream is: `NO_COLOR`, `TERM=dumb`. */
  readonly plain: boolean
}

export function createIo(streams: Streams, { plain }: IoOptions): Io {
  const { stdin, stdout, stderr } = streams
  const [outIsTerminal, errIsTerminal] = [stdout.isTTY === true, stderr.isTTY === true]
  let outColours = picocolors.createColors(outIsTerminal && !plain)
  let errColours = picocolors.createColors(errIsTerminal && !plain)
  return {
    ...streams,
    stdinIsTerminal: stdin.isTTY === true,
    stdoutIsTerminal: outIsTerminal,
    stderrIsTerminal: errIsTerminal,
    get outColours() {
      return outColours
    },
    get errColours() {
      return errColours
    },
    disableColours() {
      outColours = picocolors.createColors(false)
      errColours = outColours
    },
    out(text) {
      // A stream that is gone never drains.
      if (text === "" || isGone(stdout) || stdout.write(text) || isGone(stdout)) return Promise.resolve()
      return new Promise((resolve) => {
        const done = (): void => {
          stdout.off("drain", done)
          stdout.off("close", done)
          stdout.off("error", done)
          resolve()
        }
        stdout.on("drain", done)
        stdout.on("close", done)
        stdout.on("error", done)
      })
    },
    err(text) {
      stderr.write(text)
    },
    // Some pseudo-terminals say 0.
    columns: () => stdout.columns || stderr.columns || 80,
  }
}

const isGone = (stream: OutputStream): boolean => stream.destroyed === true
