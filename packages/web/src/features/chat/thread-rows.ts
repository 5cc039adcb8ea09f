// What the thread shows, as rows: the stored path, and what the running turn adds to it or puts in its place. Pure.
import type { AnswerState } from "./answer-state.ts"
import type { ShownMessage } from "./message-tree.ts"

export type RowContent =
  | { readonly type: "stored"; readonly message: ShownMessage }
  | { readonly type: "asked"; readonly text: string }
  | { readonly type: "running"; readonly conversationId: string }
  | { readonly type: "failed"; readonly answer: AnswerState }

export interface RunningTurn {
  /** The user's text that was just sent; undefined: an answer to what was there. */
  readonly question: string | undefined
  /** The message it answers (or, with a question, follows). */
  readonly parentId: string | null | undefined
}

export interface ShownRow {
  /** An answer keeps it when it is over and stored: its row stays, and what is drawn of it. */
  readonly key: string
  readonly content: RowContent
}

export interface ThreadRowsInput {
  readonly path: readonly ShownMessage[]
  readonly conversationId: string
  readonly running: RunningTurn | undefined
  /** Of the stored message that the running answer becomes, once it is known. */
  readonly runningId: string | undefined
  readonly failure: AnswerState | undefined
}

export function threadRows(input: ThreadRowsInput): readonly ShownRow[] {
  const { path, conversationId, running, runningId, failure } = input
  const stored = (running === undefined ? path : pathBefore(path, running)).map(
    (message): ShownRow => ({ key: message.stored.id, content: { type: "stored", message } }),
  )
  const rows = [...stored]
  if (running !== undefined) {
    const { question } = running
    if (question !== undefined && !isQuestion(stored.at(-1), question))
      rows.push({ key: "asked", content: { type: "asked", text: question } })
    rows.push({ key: runningId ?? "running", content: { type: "running", conversationId } })
  }
  if (failure !== undefined) rows.push({ key: "failed", content: { type: "failed", answer: failure } })
  return rows
}

/** The answer's own row stands for it until the turn is over, also when it is stored before; a version before it makes room. */
function pathBefore(path: readonly ShownMessage[], running: RunningTurn): readonly ShownMessage[] {
  const { question, parentId = null } = running
  const at = path.findIndex(({ stored }) => stored.parentId === parentId)
  if (at < 0) return path
  // A question that was stored meanwhile stays.
  return path.slice(0, question !== undefined && path[at]?.stored.message.content === question ? at + 1 : at)
}

function isQuestion(row: ShownRow | undefined, question: string): boolean {
  if (row?.content.type !== "stored") return false
  const { message } = row.content.message.stored
  return message.role === "user" && message.content === question
}
