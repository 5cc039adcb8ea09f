// Answers that are being written, by conversation. They go on while their reader looks at another screen, and what comes is drawn once
// a frame, however fast it comes.
import { AppError, type ChatEvent, type WaitEvent } from "@fireside/protocol"
import { create } from "zustand"
import { type AnswerState, NEW_ANSWER, withEvent } from "./answer-state.ts"

export interface RunningAnswer {
  readonly answer: AnswerState
  /** The user's text that was just sent; undefined: an answer to what was there. */
  readonly question: string | undefined
  /** The message it answers (or, with a question, follows). */
  readonly parentId: string | null | undefined
  stop(): void
}

interface RunningAnswers {
  readonly byConversation: Readonly<Record<string, RunningAnswer>>
}

export const useRunningAnswers = create<RunningAnswers>(() => ({ byConversation: {} }))

export interface Turn {
  /** What the user said; undefined: an answer to what is there. */
  readonly question?: string | undefined
  /** The message that the question or the answer follows. */
  readonly parentId?: string | null | undefined
  /** What an answer that goes on says already. */
  readonly begun?: string
  /** Asks, and gives the answer's events. */
  readonly ask: (signal: AbortSignal) => AsyncIterable<WaitEvent | ChatEvent>
  /** Called with what came when it is over. */
  readonly onEnd: (answer: AnswerState) => Promise<void> | void
}

/** One turn of a conversation; nothing happens while another one of it runs. */
export async function takeTurn(
  conversationId: string,
  { question, parentId, begun = "", ask, onEnd }: Turn,
): Promise<void> {
  if (useRunningAnswers.getState().byConversation[conversationId] !== undefined) return
  const stopped = new AbortController()
  let answer: AnswerState = { ...NEW_ANSWER, text: begun }
  let isDrawn = true
  const draw = () => {
    isDrawn = true
    put(conversationId, {
      answer,
      question,
      parentId,
      stop: () => stopped.abort(),
    })
  }
  draw()
  try {
    for await (const event of ask(stopped.signal)) {
      answer = withEvent(answer, event)
      if (!isDrawn) continue
      isDrawn = false
      requestAnimationFrame(draw)
    }
  } catch (error) {
    if (!stopped.signal.aborted) answer = withEvent(answer, failureOf(error))
  }
  draw()
  // The stored messages take its place, unless it failed: then it says why until the next turn.
  await onEnd(answer)
  if (answer.phase.type !== "failed") put(conversationId, undefined)
  else put(conversationId, undefined, answer)
}

/** What went wrong in the last turn of each conversation. */
export const useFailures = create<{ readonly byConversation: Readonly<Record<string, AnswerState>> }>(() => ({
  byConversation: {},
}))

function put(id: string, running: RunningAnswer | undefined, failure?: AnswerState): void {
  useRunningAnswers.setState(({ byConversation: { [id]: _before, ...others } }) => ({
    byConversation: running === undefined ? others : { ...others, [id]: running },
  }))
  useFailures.setState(({ byConversation: { [id]: _before, ...others } }) => ({
    byConversation: failure === undefined ? others : { ...others, [id]: failure },
  }))
}

function failureOf(error: unknown) {
  return {
    type: "error",
    code: error instanceof AppError ? error.code : "network-failed",
    message: error instanceof Error ? error.message : String(error),
    ...(error instanceof AppError && error.hint !== undefined ? { hint: error.hint } : {}),
  } as const
}
