// What the readers of tool calls share: they take text after an opening mark until the calls have ended.
import type { ToolDefinition } from "@fireside/protocol"
import type { ParsedPiece } from "./output-parser.ts"

export interface CallReader {
  /**
   * Takes more text. `rest` is set once the reader has ended: what it did not take, to be read as ordinary text.
   * A reader that gives up sets `rest` to all that it has not turned into pieces, its opening mark too.
   */
  push(text: string): { readonly pieces: readonly ParsedPiece[]; readonly rest?: string }
  /** The output has ended: pieces of what is finished or can be closed, and what stays text. */
  end(): { readonly pieces: readonly ParsedPiece[]; readonly rest: string }
}

export interface CallContext {
  readonly tools: readonly ToolDefinition[]
  readonly createCallId: () => string
}

export function callPieces(context: CallContext, name: string, args: unknown): ParsedPiece[] {
  const callId = context.createCallId()
  return [
    { type: "tool-call-start", callId, name },
    { type: "tool-call-delta", callId, arguments: typeof args === "string" ? args : JSON.stringify(args) },
    { type: "tool-call-end", callId },
  ]
}

/** How much of the end of `text` could be the beginning of one of the marks. */
export function partialMark(text: string, marks: readonly string[]): number {
  let longest = 0
  for (const mark of marks)
    for (let length = Math.min(mark.length - 1, text.length); length > longest; length -= 1)
      if (text.endsWith(mark.slice(0, length))) {
        longest = length
        break
      }
  return longest
}

/** Where the first mark begins, the longest one where two begin together. */
export function findMark(text: string, marks: readonly string[]): { at: number; mark: string } | undefined {
  let best: { at: number; mark: string } | undefined
  for (const mark of marks) {
    const at = text.indexOf(mark)
    if (at < 0) continue
    if (best === undefined || at < best.at || (at === best.at && mark.length > best.mark.length))
      best = { at, mark }
  }
  return best
}

/** `text` could still become `mark` with more characters behind it. */
export const mayBecome = (text: string, mark: string): boolean =>
  text.length < mark.length && mark.startsWith(text)
