// Events of one answer onto the terminal: the answer to standard output, everything about it to standard error.
import { type ChatEvent, fromErrorBody, type Timings, type Usage } from "@fireside/protocol"
import type { Io } from "../terminal/io.ts"
import { createEscapeStripper, stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"
import { createWordWrapper } from "../terminal/word-wrap.ts"

export interface PrintAnswerOptions {
  readonly io: Io
  /** Every event as one line of JSON. */
  readonly json: boolean
  /** Timings after the answer. */
  readonly verbose: boolean
  /** Break lines between words, on a terminal. */
  readonly wordWrap: boolean
  /** What the user asked for: an answer that stops there is not cut short. */
  readonly maxTokens?: number | undefined
  /** Shows what is being waited for, until there is something to show. */
  readonly status?: StatusLine
  /** Notices that were shown before are not shown again; new ones are added. */
  readonly knownNotices?: Set<string>
}

/** One line on a terminal that is wiped before anything else is shown. */
export interface StatusLine {
  show(text: string): void
  clear(): void
}

export interface PrintedAnswer {
  readonly text: string
  readonly reasoning: string
  readonly usage: Usage
  readonly timings: Timings
}

/** Throws the `AppError` of an `error` event, after what came before it was shown. */
export async function printAnswer(
  events: AsyncIterable<ChatEvent>,
  options: PrintAnswerOptions,
): Promise<PrintedAnswer> {
  const { io, json, status } = options
  const writer = createWriter(io, options.wordWrap && io.stdoutIsTerminal)
  let text = ""
  let reasoning = ""
  try {
    for await (const event of events) {
      if (event.type !== "start") status?.clear()
      if (json) await io.out(toJsonLine(event))
      switch (event.type) {
        case "text-delta":
          text += event.text
          if (!json) await writer.text(event.text)
          break
        case "reasoning-delta":
          reasoning += event.text
          if (!json) await writer.reasoning(event.text)
          break
        case "prompt-progress":
          // The first one comes at once for every prompt; most are read before anyone could read that.
          if (!json && event.doneTokens > 0 && event.doneTokens < event.totalTokens)
            status?.show(`reading ${event.doneTokens} of ${event.totalTokens} tokens`)
          break
        case "notice":
          if (!json && options.knownNotices?.has(event.message) !== true) await writer.note(event.message)
          options.knownNotices?.add(event.message)
          break
        case "tool-call-start":
          if (!json) await writer.note(`the model calls ${event.name}`)
          break
        case "finish": {
          await writer.end()
          const { usage, timings } = event
          if (!json && event.reason === "length" && !wasAsked(usage, options.maxTokens))
            await writer.note("stopped: the context is full")
          if (!json && options.verbose) io.err(formatTimings(io, event))
          return { text, reasoning, usage, timings }
        }
        case "error":
          throw fromErrorBody(event)
        case "start":
        case "tool-call-delta":
        case "tool-call-end":
        case "source":
          break
        default:
          event satisfies never
      }
    }
  } finally {
    status?.clear()
    await writer.end()
  }
  throw new Error("the stream ended without `finish` or `error`")
}

/** Did it stop at the number of tokens that the user gave? */
const wasAsked = (usage: Usage, maxTokens: number | undefined): boolean =>
  maxTokens !== undefined && usage.completionTokens >= maxTokens

interface Writer {
  text(piece: string): Promise<void>
  /** Dimmed, and only where a person sees it apart from the answer. */
  reasoning(piece: string): Promise<void>
  note(message: string): Promise<void>
  /** Ends the last line. */
  end(): Promise<void>
}

function createWriter(io: Io, wordWrap: boolean): Writer {
  const { wrap } = wordWrap ? createWordWrapper(io.columns) : { wrap: (text: string) => text }
  const answer = createEscapeStripper()
  const thoughts = createEscapeStripper()
  let open: "nothing" | "text" | "reasoning" = "nothing"
  let lastCharacter = "\n"

  const write = async (piece: string, shown: string): Promise<void> => {
    if (piece === "") return
    lastCharacter = piece.at(-1) ?? lastCharacter
    await io.out(shown)
  }
  const endLine = async (): Promise<void> => {
    if (lastCharacter !== "\n") await write("\n", wrap("\n"))
  }
  return {
    async text(piece) {
      if (open === "reasoning") {
        await endLine()
        await write("\n", wrap("\n"))
      }
      // Templates make models begin with line feeds; an answer begins with its first word.
      const clean = answer.strip(open === "text" ? piece : piece.replace(/^\n+/, ""))
      if (clean === "") return
      open = "text"
      await write(clean, wrap(clean))
    },
    async reasoning(piece) {
      if (!io.stdoutIsTerminal) return
      const clean = thoughts.strip(open === "reasoning" ? piece : piece.replace(/^\n+/, ""))
      if (clean === "") return
      if (open === "text") await endLine()
      open = "reasoning"
      await write(clean, io.outColours.dim(wrap(clean)))
    },
    async note(message) {
      if (io.stdoutIsTerminal) await endLine()
      io.err(`${io.errColours.dim(stripEscapes(message))}\n`)
    },
    async end() {
      await endLine()
      open = "nothing"
    },
  }
}

/** Timings as `--verbose` shows them. */
function formatTimings(
  io: Io,
  { usage, timings, deterministic }: Extract<ChatEvent, { type: "finish" }>,
): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
  const speed = (tokensPerSecond: number): string =>
    tokensPerSecond > 0 ? `${tokensPerSecond.toFixed(1)} tokens/s` : ""
  const cached = usage.cachedTokens > 0 ? ` (${usage.cachedTokens} reused)` : ""
  const { draftedTokens = 0, acceptedTokens = 0 } = timings
  const guessed: [string, string, string][] =
    draftedTokens > 0 ? [["guessed", `${draftedTokens} tokens`, `${acceptedTokens} right`]] : []
  const rows: [string, string, string][] = [
    ["load", seconds(timings.loadMs), ""],
    ["first word", seconds(timings.ttftMs), ""],
    ["prompt", `${usage.promptTokens} tokens${cached}`, speed(timings.prefillTokensPerSecond)],
    ["answer", `${usage.completionTokens} tokens`, speed(timings.decodeTokensPerSecond)],
    ...guessed,
    ["total", seconds(timings.totalMs), ""],
    ...(deterministic === true
      ? [["repeatable", "yes", "deterministic mode"] as [string, string, string]]
      : []),
    ...(timings.normalised ?? []).map((name): [string, string, string] => ["made steady", name, ""]),
  ]
  const width = Math.max(...rows.map(([, value]) => value.length))
  const lines = rows.map(([name, value, note]) =>
    `${name.padEnd(12)}${value.padEnd(width + 2)}${note}`.trimEnd(),
  )
  return io.errColours.dim(`\n${lines.join("\n")}\n`)
}

/** Only a terminal has a line that can be wiped. */
export function createStatusLine(io: Io): StatusLine {
  let shown = false
  return {
    show(text) {
      if (!io.stderrIsTerminal) return
      shown = true
      io.err(`\r\x1b[2K${io.errColours.dim(stripEscapes(text).slice(0, Math.max(20, io.columns() - 1)))}`)
    },
    clear() {
      if (!shown) return
      shown = false
      io.err("\r\x1b[2K")
    },
  }
}
