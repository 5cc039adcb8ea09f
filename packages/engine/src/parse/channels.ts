// gpt-oss: every stretch has a header, `<|channel|>analysis<|message|>…<|end|>`, that says where it goes.
import { type ArgumentsStream, createArgumentsStream } from "./arguments-stream.ts"
import { type CallContext, findMark, partialMark } from "./call-reader.ts"
import type { OutputParser, ParsedPiece } from "./output-parser.ts"

const CHANNEL = "<|channel|>"
const MESSAGE = "<|message|>"
const START = "<|start|>"
const ENDS = ["<|end|>", "<|call|>", "<|return|>"]
const MARKS = [CHANNEL, MESSAGE, START, "<|constrain|>", ...ENDS]

type Target =
  | { readonly type: "text" | "reasoning" }
  | { readonly type: "call"; readonly stream: ArgumentsStream; ended: boolean }

export function createChannelParser(context: CallContext): OutputParser {
  let buffer = ""
  let header: string | undefined
  let target: Target = { type: "text" }

  const give = (text: string): ParsedPiece[] => {
    const to = target
    if (text === "") return []
    if (to.type !== "call") return [{ type: to.type === "text" ? "text-delta" : "reasoning-delta", text }]
    if (to.ended) return []
    const read = to.stream.push(text)
    to.ended = read.rest !== undefined
    return [...read.pieces]
  }
  const finish = (): ParsedPiece[] => {
    const pieces = target.type === "call" && !target.ended ? [...target.stream.end()] : []
    target = { type: "text" }
    return pieces
  }
  const begin = (text: string): ParsedPiece[] => {
    const name = /\bto=(?:functions\.)?([\w.-]+)/.exec(text)?.[1]
    if (name !== undefined && context.tools.length > 0) {
      const callId = context.createCallId()
      target = { type: "call", stream: createArgumentsStream(callId, ""), ended: false }
      return [{ type: "tool-call-start", callId, name }]
    }
    target = { type: /(?:^|<\|channel\|>)\s*analysis\b/.test(text) ? "reasoning" : "text" }
    return []
  }

  return {
    markers: MARKS,
    push(text) {
      buffer += text
      const pieces: ParsedPiece[] = []
      for (;;) {
        const found = findMark(buffer, header === undefined ? [CHANNEL, START, ...ENDS] : [MESSAGE])
        if (found === undefined) break
        const before = buffer.slice(0, found.at)
        buffer = buffer.slice(found.at + found.mark.length)
        if (header !== undefined) {
          pieces.push(...begin(header + before))
          header = undefined
          continue
        }
        pieces.push(...give(before))
        // The call's recipient may stand before the channel: `<|start|>assistant to=functions.name<|channel|>…`.
        if (found.mark === START || found.mark === CHANNEL) header = ""
        if (ENDS.includes(found.mark)) pieces.push(...finish())
      }
      if (header !== undefined) return pieces
      const keep = partialMark(buffer, [CHANNEL, START, ...ENDS])
      pieces.push(...give(buffer.slice(0, buffer.length - keep)))
      buffer = buffer.slice(buffer.length - keep)
      return pieces
    },
    end() {
      const pieces = header === undefined ? give(buffer) : []
      buffer = ""
      return [...pieces, ...finish()]
    },
  }
}
