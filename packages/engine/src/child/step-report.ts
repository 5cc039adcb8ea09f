// What the parent hears of one step: every stream's text, how far prompts are, who has ended.
import type { Generation } from "./generation.ts"
import type { Delta, StreamEnd } from "./messages.ts"

export interface StepReport {
  readonly deltas: Delta[]
  readonly progress: { requestId: number; doneTokens: number; totalTokens: number }[]
  readonly ends: StreamEnd[]
}

export function emptyReport(): StepReport {
  return { deltas: [], progress: [], ends: [] }
}

/** `done` tokens are computed, of the prompt and perhaps of an answer that goes on. */
export function progressOf(stream: Generation, done: number): StepReport["progress"][number] {
  const { requestId, promptLength } = stream
  return { requestId, doneTokens: Math.min(done, promptLength), totalTokens: promptLength }
}
