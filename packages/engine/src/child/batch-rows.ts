// Rows of one decode, by stream.
import type { Generation } from "./generation.ts"
import type { NativeContext } from "./native/context.ts"

export interface BatchRow {
  readonly stream: Generation
  readonly rows: number
  /** Row whose logits choose the stream's next token; −1: its prompt goes on. */
  readonly outputRow: number
  /** Guesses of the tokens after those rows; theirs follow. */
  readonly draft: readonly number[]
}

export interface RowsOfStream {
  readonly stream: Generation
  /** Of the context. */
  readonly sequence: number
  /** Tokens that the sequence holds. */
  readonly from: number
  readonly rows: number
  readonly draft?: readonly number[]
}

/** Adds the stream's next tokens to the context's batch, and guesses after them. */
export function addRows(
  context: Pick<NativeContext, "addRow">,
  { stream, sequence, from, rows, draft = [] }: RowsOfStream,
): BatchRow {
  const isComplete = from + rows === stream.tokens.length
  let row = -1
  for (let index = 0; index < rows; index++) {
    const position = from + index
    const wantsOutput = isComplete && index === rows - 1
    row = context.addRow(stream.tokens[position] ?? -1, position, sequence, wantsOutput)
  }
  for (const [index, token] of draft.entries()) context.addRow(token, from + rows + index, sequence, true)
  return { stream, rows, outputRow: isComplete ? row : -1, draft }
}
