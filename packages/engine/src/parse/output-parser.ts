// Text of a model → text, reasoning and tool-call events. One reader per family of formats. However the text is cut, the
// joined events are the same.
import { randomInt } from "node:crypto"
import type { ChatEvent, ToolDefinition } from "@fireside/protocol"
import {
  type CallFormat,
  callFormatOf,
  HERMES_CALLS,
  type HeaderCalls,
  reasoningMarksOf,
  reasoningStart,
} from "./call-format.ts"
import { type CallContext, type CallReader, findMark, partialMark } from "./call-reader.ts"
import { createChannelParser } from "./channels.ts"
import { HeaderCallReader } from "./header-calls.ts"
import { JsonCallsReader } from "./json-calls.ts"

export type ParsedPiece = Extract<
  ChatEvent,
  { type: "text-delta" | "reasoning-delta" | "tool-call-start" | "tool-call-delta" | "tool-call-end" }
>

export interface OutputParser {
  /** Text of the control tokens that the format is made of: the child must keep their text. */
  readonly markers: readonly string[]
  push(text: string): ParsedPiece[]
  /** What was held back; call once, after the last `push`. */
  end(): ParsedPiece[]
}

export interface OutputParserInput {
  readonly template: string
  /** Without tools, nothing is read as a call. */
  readonly tools?: readonly ToolDefinition[]
  readonly think?: boolean
  /** The last characters of the prompt: a template may have opened the reasoning in it. */
  readonly promptTail: string
  /** Defaults to nine random letters and digits, the form that every template takes. */
  readonly createCallId?: () => string
}

export function createOutputParser(input: OutputParserInput): OutputParser {
  const context: CallContext = { tools: input.tools ?? [], createCallId: input.createCallId ?? randomCallId }
  const format = callFormatOf(input.template)
  if (format.type === "channels") return createChannelParser(context)
  return new TextParser(input, format, context)
}

const ID_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

const randomCallId = (): string =>
  Array.from({ length: 9 }, () => ID_CHARS[randomInt(ID_CHARS.length)] ?? "0").join("")

interface Opener {
  readonly mark: string
  /** Undefined: the mark is dropped. */
  readonly reader: (() => CallReader) | undefined
}

/** A class because it is a machine: text, reasoning, or a reader of calls. */
class TextParser implements OutputParser {
  readonly markers: readonly string[]
  readonly #context: CallContext
  readonly #openers: readonly Opener[]
  readonly #reasoning: { readonly open: string; readonly close: string } | undefined
  #place: "text" | "reasoning" | "calls"
  #reader: CallReader | undefined
  #buffer = ""
  /** White space that is dropped when a mark follows it. */
  #space = ""
  /** No text has been given out since the start, the reasoning or the last call. */
  #fresh = true
  #dropSpace = false
  /** White space before the mark of the calls that are being read. */
  #heldSpace = ""
  /** The reader of calls has given out a call. */
  #called = false

  constructor(
    input: OutputParserInput,
    format: Exclude<CallFormat, { type: "channels" }>,
    context: CallContext,
  ) {
    this.#context = context
    this.#reasoning = reasoningMarksOf(input.template)
    this.#place = reasoningStart(this.#reasoning, input.promptTail) === "open" ? "reasoning" : "text"
    this.#openers = context.tools.length === 0 ? [] : openersOf(format, input.template, context)
    this.#dropSpace = this.#place === "reasoning"
    const marks = this.#openers.map((opener) => opener.mark)
    const closing = format.type === "header" ? [...headerMarks(format), format.close] : [format.close]
    this.markers = [...new Set([...marks, ...closing, ...Object.values(this.#reasoning ?? {})])].filter(
      (mark) => mark !== "",
    )
  }

  push(text: string): ParsedPiece[] {
    this.#buffer += text
    const pieces: ParsedPiece[] = []
    this.#run(pieces, false)
    return pieces
  }

  end(): ParsedPiece[] {
    const pieces: ParsedPiece[] = []
    this.#run(pieces, true)
    // What a reader gives back may hold the beginning of other calls.
    while (this.#reader !== undefined) {
      const ended = this.#reader.end()
      this.#reader = undefined
      this.#place = "text"
      pieces.push(...ended.pieces)
      this.#giveText(ended.rest, pieces)
      this.#run(pieces, true)
    }
    if (this.#place === "text" && !this.#dropSpace && this.#space !== "")
      pieces.push({ type: "text-delta", text: this.#space })
    this.#space = ""
    return pieces
  }

  #run(pieces: ParsedPiece[], last: boolean): void {
    let goes = true
    while (goes) goes = this.#step(pieces, last)
  }

  /** Does one thing; false when more text is needed. */
  #step(pieces: ParsedPiece[], last: boolean): boolean {
    if (this.#buffer === "") return false
    if (this.#place === "calls") return this.#readCalls(pieces)
    if (this.#place === "reasoning") return this.#readReasoning(pieces, last)
    return this.#readText(pieces, last)
  }

  #readCalls(pieces: ParsedPiece[]): boolean {
    const read = this.#reader?.push(this.#buffer)
    this.#buffer = ""
    const found = read?.pieces ?? []
    pieces.push(...found)
    if (found.length > 0) this.#called = true
    if (read?.rest === undefined) return false
    const gaveUp = !this.#called
    this.#reader = undefined
    this.#place = "text"
    this.#called = false
    if (gaveUp) this.#giveText(read.rest, pieces)
    else {
      this.#space = ""
      this.#fresh = true
      this.#dropSpace = true
      this.#buffer = read.rest
    }
    return this.#buffer !== ""
  }

  /** What a reader gave back: its mark must not be found again, so that is passed over. */
  #giveText(text: string, pieces: ParsedPiece[]): void {
    if (text === "") return
    const mark = this.#openers.find((opener) => text.startsWith(opener.mark))?.mark
    const length = mark?.length ?? text.length - text.trimStart().length + 1
    this.#space = this.#heldSpace
    this.#emit(text.slice(0, length), pieces)
    this.#buffer = text.slice(length) + this.#buffer
  }

  #emit(text: string, pieces: ParsedPiece[]): void {
    const body = this.#dropSpace ? text.trimStart() : text
    if (body === "") return
    const end = body.trimEnd().length
    const whole = this.#space + body.slice(0, end)
    if (end === 0) {
      this.#space += body
      return
    }
    pieces.push({ type: "text-delta", text: whole })
    this.#space = body.slice(end)
    this.#dropSpace = false
    this.#fresh = false
  }

  #readReasoning(pieces: ParsedPiece[], last: boolean): boolean {
    const close = this.#reasoning?.close ?? ""
    const found = this.#buffer.indexOf(close)
    const keep = found >= 0 || last ? 0 : partialMark(this.#buffer, [close])
    const text = found >= 0 ? this.#buffer.slice(0, found) : this.#buffer.slice(0, this.#buffer.length - keep)
    this.#buffer = this.#buffer.slice(found >= 0 ? found + close.length : text.length)
    const body = this.#dropSpace ? text.trimStart() : text
    const end = body.trimEnd().length
    if (end > 0) {
      pieces.push({ type: "reasoning-delta", text: this.#space + body.slice(0, end) })
      this.#space = ""
      this.#dropSpace = false
    }
    if (!this.#dropSpace) this.#space += body.slice(end)
    if (found < 0) return false
    this.#place = "text"
    this.#space = ""
    this.#dropSpace = true
    this.#fresh = true
    return true
  }

  #readText(pieces: ParsedPiece[], last: boolean): boolean {
    if (this.#beginsBare()) {
      this.#startCalls(() => new JsonCallsReader({ open: "", close: "", bare: true }, this.#context))
      return true
    }
    const thinks = this.#reasoning !== undefined && this.#fresh ? [this.#reasoning.open] : []
    const marks = [...this.#openers.map((opener) => opener.mark), ...thinks]
    const found = findMark(this.#buffer, marks)
    if (found === undefined) {
      const keep = last ? 0 : partialMark(this.#buffer, marks)
      const text = this.#buffer.slice(0, this.#buffer.length - keep)
      this.#buffer = this.#buffer.slice(text.length)
      this.#emit(text, pieces)
      return false
    }
    if (found.mark === this.#reasoning?.open && !this.#isOpener(found.mark)) {
      // Only the very beginning may be reasoning: later the mark is text.
      if (this.#buffer.slice(0, found.at).trim() !== "") {
        this.#emit(this.#buffer.slice(0, found.at + 1), pieces)
        this.#buffer = this.#buffer.slice(found.at + 1)
        return true
      }
      this.#buffer = this.#buffer.slice(found.at + found.mark.length)
      this.#place = "reasoning"
      this.#space = ""
      this.#dropSpace = true
      return true
    }
    this.#emit(this.#buffer.slice(0, found.at), pieces)
    this.#buffer = this.#buffer.slice(found.at + found.mark.length)
    const opener = this.#openers.find((one) => one.mark === found.mark)
    if (opener?.reader === undefined) return true
    this.#startCalls(opener.reader)
    return true
  }

  #isOpener(mark: string): boolean {
    return this.#openers.some((opener) => opener.mark === mark)
  }

  #startCalls(reader: () => CallReader): void {
    this.#heldSpace = this.#space
    this.#space = ""
    this.#reader = reader()
    this.#place = "calls"
  }

  /** A bare object is looked at only where an answer begins. */
  #beginsBare(): boolean {
    return this.#fresh && this.#context.tools.length > 0 && /^\s*\{/.test(this.#buffer)
  }
}

/** The control tokens inside a call's header: they part the name from what stands around it. */
const headerMarks = (format: HeaderCalls): readonly string[] => [
  ...(`${format.prefix}${format.separator}`.match(/<[｜|][^｜|]*[｜|]>|\[[A-Z_]+\]/gu) ?? []),
  ...(format.separator === "[ARGS]" ? ["[CALL_ID]"] : []),
]

/** The Hermes form is read for every model: it is what tools are asked for in when the template has none. */
function openersOf(
  format: Exclude<CallFormat, { type: "channels" }>,
  template: string,
  context: CallContext,
): readonly Opener[] {
  const json = (mark: string, close: string, markIsBody = false): Opener => ({
    mark,
    reader: () => new JsonCallsReader({ open: mark, close, bare: false, markIsBody }, context),
  })
  const openers: Opener[] = [json(HERMES_CALLS.open, HERMES_CALLS.close)]
  if (template.includes("<function=")) openers.push(json("<function=", "</function>", true))
  if (template.includes("<|python_tag|>")) openers.push(json("<|python_tag|>", ""))
  if (format.type === "json" && format.open !== "" && format.open !== HERMES_CALLS.open)
    openers.push(json(format.open, format.close))
  if (format.type === "header") {
    openers.push({ mark: format.open, reader: () => new HeaderCallReader(format, context) })
    for (const mark of [format.begin, format.end]) if (mark !== "") openers.push({ mark, reader: undefined })
  }
  return openers
}
