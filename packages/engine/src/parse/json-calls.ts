// Calls that are JSON objects: Hermes and Qwen (`<tool_call>{…}</tool_call>`), Mistral and Granite (a list behind a mark),
// Llama 3 and others (the bare object). Between Hermes' tags also the forms with parameters as tags (Qwen3-Coder, GLM).
import { type ArgumentsStream, createArgumentsStream } from "./arguments-stream.ts"
import { type CallContext, type CallReader, callPieces, mayBecome } from "./call-reader.ts"
import { repairJson } from "./json-reader.ts"
import type { ParsedPiece } from "./output-parser.ts"
import { readTaggedCall } from "./tagged-call.ts"

export interface JsonCallsOptions {
  /** What was read before this reader took over; given back when it gives up. */
  readonly open: string
  readonly close: string
  /** Without marks around it, an object is a call only when it names a tool that exists. */
  readonly bare: boolean
  /** The opening mark is a part of what is read: `<function=`. */
  readonly markIsBody?: boolean
}

const ARGUMENT_KEYS = ["arguments", "parameters"]
const NAME_KEYS = ["name", "tool_name"]
const OTHER_KEYS = ["id", "tool_call_id", "type"]

type Head =
  | { readonly type: "found"; readonly name: string; readonly length: number }
  | { readonly type: "more" }
  | { readonly type: "other" }

/** A class because it is a machine with several places to wait in. */
export class JsonCallsReader implements CallReader {
  readonly #options: JsonCallsOptions
  readonly #context: CallContext
  /** Text not yet read; at the start of an object, all of it. */
  #buffer = ""
  #arguments: ArgumentsStream | undefined
  #place: "before" | "head" | "whole" | "arguments" | "tail" | "between" = "before"
  #calls = 0
  #inList = false
  /** What was taken before the object that is being read. */
  #taken = ""

  constructor(options: JsonCallsOptions, context: CallContext) {
    this.#options = options
    this.#context = context
  }

  push(text: string): { pieces: ParsedPiece[]; rest?: string } {
    this.#buffer += text
    const pieces: ParsedPiece[] = []
    for (;;) {
      const place = this.#place
      const length = this.#buffer.length
      const rest = this.#step(pieces)
      if (rest !== undefined) return { pieces, rest }
      if (this.#place === place && this.#buffer.length === length) return { pieces }
    }
  }

  end(): { pieces: ParsedPiece[]; rest: string } {
    const { pieces, rest } = this.push("")
    if (rest !== undefined) return { pieces, rest }
    if (this.#arguments !== undefined) return { pieces: [...pieces, ...this.#arguments.end()], rest: "" }
    if (this.#place === "tail" || this.#place === "between") return { pieces, rest: "" }
    const found = this.#wholeCalls(this.#buffer)
    return found === undefined
      ? { pieces, rest: this.#giveUp() }
      : { pieces: [...pieces, ...found], rest: "" }
  }

  /** Does one thing; returns the rest when all is done. Without progress, more text is needed. */
  #step(pieces: ParsedPiece[]): string | undefined {
    switch (this.#place) {
      case "before":
        return this.#before()
      case "head":
        return this.#head(pieces)
      case "whole":
        return this.#whole(pieces)
      case "arguments":
        return this.#readArguments(pieces)
      case "tail":
        return this.#tail()
      case "between":
        return this.#between()
      default:
        return this.#place satisfies never
    }
  }

  #before(): string | undefined {
    const start = this.#buffer.trimStart()
    if (start === "") return undefined
    if (start.startsWith("[")) {
      this.#inList = true
      this.#taken += this.#buffer.slice(0, this.#buffer.length - start.length + 1)
      this.#buffer = start.slice(1)
    }
    this.#place = "head"
    return undefined
  }

  #giveUp(): string {
    // After a call has been given out, what follows stands alone.
    return this.#calls > 0 ? this.#buffer : this.#options.open + this.#taken + this.#buffer
  }

  #head(pieces: ParsedPiece[]): string | undefined {
    const head = readHead(this.#buffer)
    if (head.type === "more") return undefined
    const known = head.type === "found" && this.#context.tools.some((tool) => tool.name === head.name)
    if (this.#options.bare && !known) return this.#giveUp()
    if (head.type === "other") {
      this.#place = "whole"
      return undefined
    }
    const callId = this.#context.createCallId()
    pieces.push({ type: "tool-call-start", callId, name: head.name })
    this.#calls += 1
    this.#buffer = this.#buffer.slice(head.length)
    this.#arguments = createArgumentsStream(callId, this.#options.close)
    this.#place = "arguments"
    return undefined
  }

  #whole(pieces: ParsedPiece[]): string | undefined {
    const { close } = this.#options
    const at = close === "" ? -1 : this.#buffer.indexOf(close)
    if (at < 0) return undefined
    const found = this.#wholeCalls(this.#buffer.slice(0, at))
    if (found === undefined) return this.#giveUp()
    pieces.push(...found)
    return this.#buffer.slice(at + close.length)
  }

  /** Calls in a text that is complete; undefined when it holds none. */
  #wholeCalls(text: string): ParsedPiece[] | undefined {
    const mark = this.#options.markIsBody === true ? this.#options.open : ""
    const tagged =
      this.#inList || this.#options.bare ? undefined : readTaggedCall(mark + text, this.#context.tools)
    if (tagged !== undefined) return callPieces(this.#context, tagged.name, tagged.arguments)
    const value = repairJson(this.#inList ? `[${text}` : text)
    const calls = (Array.isArray(value) ? value : [value]).map(callOf)
    if (calls.length === 0 || calls.some((call) => call === undefined)) return undefined
    return calls.flatMap((call) =>
      call === undefined ? [] : callPieces(this.#context, call.name, call.arguments),
    )
  }

  #readArguments(pieces: ParsedPiece[]): string | undefined {
    const text = this.#buffer
    this.#buffer = ""
    const read = this.#arguments?.push(text)
    pieces.push(...(read?.pieces ?? []))
    if (read?.rest === undefined) return undefined
    this.#arguments = undefined
    this.#buffer = read.rest
    this.#place = "tail"
    return undefined
  }

  /** The end of the object: other members, and its bracket, which a model may forget. */
  #tail(): string | undefined {
    let quoted = false
    for (let i = 0; i < this.#buffer.length; i += 1) {
      const char = this.#buffer[i]
      if (char === "\\" && quoted) i += 1
      else if (char === '"') quoted = !quoted
      else if (!quoted && char === "}") {
        this.#buffer = this.#buffer.slice(i + 1)
        this.#place = "between"
        return undefined
      } else if (!quoted && i === this.#leading() && char !== ",") {
        this.#place = "between"
        return undefined
      }
    }
    return undefined
  }

  #leading(): number {
    return this.#buffer.length - this.#buffer.trimStart().length
  }

  #between(): string | undefined {
    const next = this.#buffer.trimStart()
    const { close } = this.#options
    if (next === "") return undefined
    if (this.#inList && next.startsWith(",")) {
      this.#buffer = next.slice(1)
      this.#place = "head"
      return undefined
    }
    if (this.#inList && next.startsWith("]")) {
      this.#inList = false
      this.#buffer = next.slice(1)
      return undefined
    }
    if (close !== "" && next.startsWith(close)) return next.slice(close.length)
    if (close !== "" && mayBecome(next, close)) return undefined
    // Llama 3 and others put `;` between bare objects.
    if (this.#options.bare && next.startsWith(";")) {
      this.#buffer = next.slice(1)
      this.#place = "before"
      return undefined
    }
    return this.#buffer
  }
}

function callOf(value: unknown): { name: string; arguments: unknown } | undefined {
  if (typeof value !== "object" || value === null) return undefined
  const entry = (keys: readonly string[]): unknown =>
    Object.entries(value).find(([key]) => keys.includes(key))?.[1]
  const name = entry(NAME_KEYS)
  const args = entry(ARGUMENT_KEYS) ?? {}
  // Some models write the arguments as a text that holds JSON.
  const parsed = typeof args === "string" ? repairJson(args) : args
  const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
  return typeof name === "string" && isObject ? { name, arguments: parsed } : undefined
}

/** The object up to its arguments, when the name comes before them. */
function readHead(text: string): Head {
  const skipSpace = (at: number): number => at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0)
  let at = skipSpace(0)
  if (at >= text.length) return { type: "more" }
  if (text[at] !== "{") return { type: "other" }
  at += 1
  let name: string | undefined
  for (;;) {
    at = skipSpace(at)
    const key = readString(text, at)
    if (typeof key === "string") return { type: key }
    at = skipSpace(key.end)
    if (at >= text.length) return { type: "more" }
    if (text[at] !== ":") return { type: "other" }
    at = skipSpace(at + 1)
    if (at >= text.length) return { type: "more" }
    if (ARGUMENT_KEYS.includes(key.value))
      return name !== undefined && text[at] === "{" ? { type: "found", name, length: at } : { type: "other" }
    if (!NAME_KEYS.includes(key.value) && !OTHER_KEYS.includes(key.value)) return { type: "other" }
    const value = readString(text, at)
    if (typeof value === "string") return { type: value }
    if (NAME_KEYS.includes(key.value)) name = value.value
    at = skipSpace(value.end)
    if (at >= text.length) return { type: "more" }
    if (text[at] !== ",") return { type: "other" }
    at += 1
  }
}

function readString(text: string, at: number): { value: string; end: number } | "more" | "other" {
  if (at >= text.length) return "more"
  const found = /^"((?:[^"\\]|\\.)*)"/s.exec(text.slice(at))
  if (found === null) return text[at] === '"' ? "more" : "other"
  try {
    return { value: JSON.parse(found[0]) as string, end: at + found[0].length }
  } catch {
    return "other"
  }
}
