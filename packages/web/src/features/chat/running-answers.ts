// Answers that are being written, by conversation. They go on while their reader looks at another screen, and what comes is drawn once
// a frame at most, however fast it comes, and only by who looks at it.
import { AppError, type ChatEvent, type WaitEvent } from "@fireside/protocol"
import { create } from "zustand"
import { type AnswerState, NEW_ANSWER, withEvent } from "./answer-state.ts"
import { createDrawPace } from "./draw-pace.ts"
import type { RunningTurn } from "./thread-rows.ts"

/** The same value from a turn's beginning to its end. */
export interface RunningAnswer extends RunningTurn {
  stop(): void
}

interface ByConversation<Value> {
  readonly byConversation: Readonly<Record<string, Value>>
}

export const useRunningAnswers = create<ByConversation<RunningAnswer>>(() => ({ byConversation: {} }))

/** What has come of them so far: apart from them, for it changes with every frame. */
export const useAnswerStates = create<ByConversation<AnswerState>>(() => ({ byConversation: {} }))

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
  const { ask: askToDraw, drawNow } = createDrawPace({
    draw: () => put(useAnswerStates, conversationId, answer),
    onFrame: (callback) => requestAnimationFrame(callback),
    now: () => performance.now(),
  })
  put(useFailures, conversationId, undefined)
  drawNow()
  put(useRunningAnswers, conversationId, { question, parentId, stop: () => stopped.abort() })
  try {
    for await (const event of ask(stopped.signal)) {
      answer = withEvent(answer, event)
      askToDraw()
    }
  } catch (error) {
    if (!stopped.signal.aborted) answer = withEvent(answer, failureOf(error))
  }
  drawNow()
  // The stored messages take its place, unless it failed: then it says why until the next turn.
  await onEnd(answer)
  put(useFailures, conversationId, answer.phase.type === "failed" ? answer : undefined)
  put(useRunningAnswers, conversationId, undefined)
  put(useAnswerStates, conversationId, undefined)
}

/** What went wrong in the last turn of each conversation. */
export const useFailures = create<ByConversation<AnswerState>>(() => ({ byConversation: {} }))

function put<Value>(
  store: { setState(change: (before: ByConversation<Value>) => ByConversation<Value>): void },
  id: string,
  value: Value | undefined,
): void {
  store.setState((before) => {
    if (value !== undefined) return { byConversation: { ...before.byConversation, [id]: value } }
    const { [id]: gone, ...others } = before.byConversation
    return gone === undefined ? before : { byConversation: others }
  })
}

function failureOf(error: unknown) {
  return {
    type: "error",
    code: error instanceof AppError ? error.code : "network-failed",
    message: error instanceof Error ? error.message : String(error),
    ...(error instanceof AppError && error.hint !== undefined ? { hint: error.hint } : {}),
  } as const
}
