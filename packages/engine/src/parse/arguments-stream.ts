// The arguments of one call, streamed as they are read. From the first delta on the call stands: what cannot be repaired
// afterwards is passed on as the model wrote it, so that no byte is lost and nobody takes a cut call for a whole one.
import { mayBecome } from "./call-reader.ts"
import { createJsonReader } from "./json-reader.ts"
import type { ParsedPiece } from "./output-parser.ts"

export interface ArgumentsStream {
  /** `rest` is set once the arguments have ended: what follows them. */
  push(text: string): { readonly pieces: readonly ParsedPiece[]; readonly rest?: string }
  end(): readonly ParsedPiece[]
}

/** `closing` marks end a call whose brackets were forgotten, and bound what is passed on as it is. */
export function createArgumentsStream(callId: string, closing: string): ArgumentsStream {
  const reader = createJsonReader()
  let pending = ""
  let raw = false

  const delta = (text: string): ParsedPiece[] =>
    text === "" ? [] : [{ type: "tool-call-delta", callId, arguments: text }]
  const ended = (output: string, rest: string): { pieces: ParsedPiece[]; rest: string } => ({
    pieces: [...delta(output), { type: "tool-call-end", callId }],
    rest,
  })
  const passOn = (): { pieces: ParsedPiece[]; rest?: string } => {
    const at = closing === "" ? -1 : pending.indexOf(closing)
    if (at >= 0) return ended(pending.slice(0, at), pending.slice(at))
    let keep = Math.min(Math.max(0, closing.length - 1), pending.length)
    while (keep > 0 && !closing.startsWith(pending.slice(-keep))) keep -= 1
    const text = pending.slice(0, pending.length - keep)
    pending = pending.slice(pending.length - keep)
    return { pieces: delta(text) }
  }

  return {
    push(text) {
      pending += text
      if (raw) return passOn()
      const { output, taken } = reader.push(pending)
      pending = pending.slice(taken)
      if (reader.state === "complete") return ended(output, pending)
      if (reader.state === "open") return { pieces: delta(output) }
      if (closing !== "" && mayBecome(pending, closing)) return { pieces: delta(output) }
      const { waiting } = reader
      const brackets = closing !== "" && pending.startsWith(closing) ? reader.close() : undefined
      if (brackets !== undefined) return ended(output + brackets, pending)
      raw = true
      const passed = passOn()
      return { ...passed, pieces: [...delta(output + waiting), ...passed.pieces] }
    },
    end() {
      if (raw) return ended(pending, "").pieces
      const { waiting } = reader
      const closed = reader.state === "broken" ? undefined : reader.close()
      return ended(closed ?? waiting + pending, "").pieces
    },
  }
}
