// The life of an answer's stream: the dialect's chunks, then usage where it was asked for, then `[DONE]`; or the error as the last frame.
import { type ChatEvent, errorBody } from "@fireside/protocol"
import { publicError } from "../../public-error.ts"
import type { Exchange } from "../../route.ts"
import { sseFrame } from "../../stream/frames.ts"
import { extension } from "../extension.ts"
import type { Envelope } from "./answer-envelope.ts"
import type { ChoiceEvent, Choices } from "./choices.ts"
import { errorObject } from "./errors.ts"
import { encodeTimings, encodeUsage } from "./usage.ts"

type FinishEvent = Extract<ChatEvent, { type: "finish" }>

/** What a choice of a chunk says, without its index and the head of the chunk. */
export interface StreamEncoder {
  /** Before the first event of each choice. */
  open(choice: number): readonly object[]
  /** `finish` and `error` too; an empty list: nothing to say. */
  encode(event: ChoiceEvent): readonly object[]
}

export interface StreamOptions {
  readonly head: Envelope
  readonly encoder: StreamEncoder
  readonly includeUsage: boolean
  readonly answersEach: number
}

/** Never throws. */
export async function* streamFrames(
  choices: Choices,
  { head, encoder, includeUsage, answersEach }: StreamOptions,
  { log, requestId }: Pick<Exchange, "log" | "requestId">,
): AsyncGenerator<string> {
  const frame = (choice: object, more: object = {}): string =>
    sseFrame({ ...head, choices: [choice], ...more })
  const finishes: FinishEvent[] = []
  const notices: string[] = []
  try {
    let first = extension({ dropped: choices.start.dropped })
    for (let choice = 0; choice < choices.count; choice += 1) {
      for (const said of encoder.open(choice)) {
        yield frame(said, first)
        first = {}
      }
    }
    for await (const choiceEvent of choices.events) {
      const { choice, event } = choiceEvent
      if (event.type === "error") {
        yield sseFrame(errorObject(errorBody(event), requestId))
        return
      }
      if (event.type === "notice") notices.push(event.message)
      if (event.type === "finish") finishes[choice] = event
      // Timings are of one generation: with several there is no one speed to name.
      const timings =
        event.type === "finish" && choices.count === 1 && !includeUsage
          ? { timings: encodeTimings(event.usage, event.timings) }
          : {}
      for (const said of encoder.encode(choiceEvent)) yield frame(said, timings)
    }
    if (includeUsage) yield sseFrame({ ...head, choices: [], ...ending(finishes, { answersEach, notices }) })
    yield sseFrame("[DONE]")
  } catch (error) {
    yield sseFrame(errorObject(publicError(error, log), requestId))
  }
}

/** What stands at the end of every answer. */
export function ending(
  finishes: readonly Pick<FinishEvent, "usage" | "timings">[],
  said: Parameters<typeof extension>[0] & { readonly answersEach: number },
): Record<string, unknown> {
  const [only] = finishes
  return {
    usage: encodeUsage(
      finishes.map((finish) => finish.usage),
      said.answersEach,
    ),
    ...(finishes.length === 1 && only !== undefined
      ? { timings: encodeTimings(only.usage, only.timings) }
      : {}),
    ...extension(said),
  }
}
