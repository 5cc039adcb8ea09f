// Calls with the name in front of the JSON: DeepSeek, Kimi K2, newer Mistral.
import { type ArgumentsStream, createArgumentsStream } from "./arguments-stream.ts"
import type { HeaderCalls } from "./call-format.ts"
import { type CallContext, type CallReader, mayBecome } from "./call-reader.ts"
import type { ParsedPiece } from "./output-parser.ts"

/** A name, its wrapping and its number are short: longer text is no header. */
const HEADER_LENGTH = 512

/** Takes one call, from after its opening mark to its closing one. */
export class HeaderCallReader implements CallReader {
  readonly #format: HeaderCalls
  readonly #context: CallContext
  #buffer = ""
  #arguments: ArgumentsStream | undefined
  #called = false

  constructor(format: HeaderCalls, context: CallContext) {
    this.#format = format
    this.#context = context
  }

  push(text: string): { pieces: ParsedPiece[]; rest?: string } {
    this.#buffer += text
    const pieces: ParsedPiece[] = []
    if (!this.#called) {
      const start = this.#buffer.indexOf("{")
      const ended =
        this.#format.close !== "" &&
        this.#buffer.slice(0, start < 0 ? undefined : start).includes(this.#format.close)
      if (ended || (start < 0 && this.#buffer.length > HEADER_LENGTH)) return { pieces, rest: this.#giveUp() }
      if (start < 0) return { pieces }
      const name = nameIn(this.#buffer.slice(0, start), this.#format)
      if (name === undefined) return { pieces, rest: this.#giveUp() }
      const callId = this.#context.createCallId()
      pieces.push({ type: "tool-call-start", callId, name })
      this.#called = true
      this.#arguments = createArgumentsStream(callId, this.#format.close || this.#format.open)
      this.#buffer = this.#buffer.slice(start)
    }
    if (this.#arguments !== undefined) {
      const read = this.#arguments.push(this.#buffer)
      this.#buffer = ""
      pieces.push(...read.pieces)
      if (read.rest === undefined) return { pieces }
      this.#arguments = undefined
      this.#buffer = read.rest
    }
    const rest = this.#afterArguments()
    return rest === undefined ? { pieces } : { pieces, rest }
  }

  end(): { pieces: ParsedPiece[]; rest: string } {
    if (this.#arguments !== undefined) return { pieces: [...this.#arguments.end()], rest: "" }
    return { pieces: [], rest: this.#called ? "" : this.#giveUp() }
  }

  #giveUp(): string {
    return this.#format.open + this.#buffer
  }

  /** Drops the wrapping and the closing mark. */
  #afterArguments(): string | undefined {
    const { close, wrap } = this.#format
    const fence = wrap[1].trim()
    let next = this.#buffer.trimStart()
    if (fence !== "" && next.startsWith(fence)) next = next.slice(fence.length).trimStart()
    else if (fence !== "" && mayBecome(next, fence)) return undefined
    if (close === "") return this.#buffer
    if (next.startsWith(close)) return next.slice(close.length)
    return mayBecome(next, close) ? undefined : this.#buffer
  }
}

/** The tool's name in all that stands before the arguments; undefined when that is no header. */
function nameIn(header: string, format: HeaderCalls): string | undefined {
  // DeepSeek writes `function<sep>name` and a fence, or `name<sep>`; Mistral may put an id behind the name.
  const plain = header.replace(/```(?:json)?/, "").trim()
  const parts = plain
    .split(/<｜tool▁sep｜>|<\|tool_call_argument_begin\|>|\[ARGS\]|\[CALL_ID\]/)
    .map((part) => part.trim())
  const [first = "", second = ""] = parts
  const candidate = first === "function" && second !== "" ? second : first
  const name = candidate
    .replace(/^functions\./, "")
    .replace(format.separator === "<|tool_call_argument_begin|>" ? /:\d+$/ : /$^/, "")
  return /^[A-Za-z_][\w.:/-]{0,255}$/.test(name) ? name : undefined
}
