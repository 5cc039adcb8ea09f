// Several answers at once: `n` of one prompt, or one for each of several prompts. One that fails ends the others.
import { CHOICES_LIMIT, type ChatAnswer, type ChatEvent, type ChatRequest, collect } from "@fireside/protocol"
import { beginAnswer } from "../../stream/begin-answer.ts"
import { toSeed } from "./generation-fields.ts"

export type StartGeneration = (signal: AbortSignal) => AsyncIterable<ChatEvent>
export type StartEvent = Extract<ChatEvent, { type: "start" }>

export interface ChoiceEvent {
  readonly choice: number
  /** Never a `start`. */
  readonly event: ChatEvent
}

export interface Choices {
  readonly count: number
  /** Of the first. */
  readonly start: StartEvent
  /** Of all of them as they come. Stopping to read ends all. */
  readonly events: AsyncIterable<ChoiceEvent>
}

/** Each answer has a seed of its own, or all would be the same. */
export function ofChoice<Request extends Pick<ChatRequest, "sampling">>(
  request: Request,
  index: number,
): Request {
  const seed = request.sampling?.seed
  if (seed === undefined || index === 0) return request
  return { ...request, sampling: { ...request.sampling, seed: toSeed(seed + index) } }
}

/**
 * All of them are asked for at once. Throws what fails before an answer begins. Those that have begun are read on meanwhile: where fewer may
 * run at once, the others wait for them to end.
 */
export async function beginChoices(
  generations: readonly StartGeneration[],
  signal: AbortSignal,
): Promise<Choices> {
  const ended = new AbortController()
  const either = AbortSignal.any([signal, ended.signal])
  let failure: { readonly error: unknown } | undefined
  const begun: Begun[] = []
  const settled = new AbortController()
  const begin = async (start: StartGeneration, at: number): Promise<void> => {
    try {
      const one = await beginOne(start(either))
      const isAlone = generations.length === 1
      begun[at] = isAlone ? one : { ...one, iterator: readAhead(one.iterator, settled.signal) }
    } catch (error) {
      // The first one is the cause; the others are stopped because of it.
      failure ??= { error }
      ended.abort()
    }
  }
  await Promise.all(generations.map(begin))
  settled.abort()
  const [first] = begun
  if (failure !== undefined) {
    await Promise.allSettled(Object.values(begun).map((it) => it.iterator.return?.()))
    throw failure.error
  }
  if (first === undefined) throw new Error("no generation was asked for")
  const events =
    begun.length === 1
      ? single(first.iterator)
      : merge(
          begun.map((it) => it.iterator),
          ended,
        )
  return { count: begun.length, start: first.start, events }
}

/** The answers in their order. At most `CHOICES_LIMIT` run at once. */
export async function collectChoices(
  generations: readonly StartGeneration[],
  signal: AbortSignal,
): Promise<readonly ChatAnswer[]> {
  const ended = new AbortController()
  const either = AbortSignal.any([signal, ended.signal])
  const answers: ChatAnswer[] = []
  const waiting = generations.entries()
  // One iterator for all: each takes the next that nobody has.
  const work = async (): Promise<void> => {
    for (const [at, start] of waiting) answers[at] = await collect(start(either))
  }
  try {
    await Promise.all(Array.from({ length: Math.min(CHOICES_LIMIT, generations.length) }, work))
    return answers
  } catch (error) {
    ended.abort()
    throw error
  }
}

interface Begun {
  readonly start: StartEvent
  readonly iterator: AsyncIterator<ChatEvent>
}

async function beginOne(events: AsyncIterable<ChatEvent>): Promise<Begun> {
  const begun = await beginAnswer(events)
  const iterator = begun.events[Symbol.asyncIterator]()
  // `start` itself: a stream of several answers has one head.
  await iterator.next()
  return { start: begun.start, iterator }
}

/** The same events; until the signal they are taken whether someone reads them or not. */
function readAhead(iterator: AsyncIterator<ChatEvent>, until: AbortSignal): AsyncIterator<ChatEvent> {
  const taken: ChatEvent[] = []
  const take = async (): Promise<void> => {
    while (!until.aborted) {
      const next = await iterator.next()
      if (next.done === true) return
      taken.push(next.value)
    }
  }
  const reading = take()
  // Told to whoever reads on.
  reading.catch(() => {})
  return {
    async next() {
      if (taken.length === 0) await reading
      const value = taken.shift()
      return value === undefined ? iterator.next() : { done: false, value }
    },
    return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
  }
}

async function* single(iterator: AsyncIterator<ChatEvent>): AsyncGenerator<ChoiceEvent> {
  try {
    for (;;) {
      const next = await iterator.next()
      if (next.done === true) return
      yield { choice: 0, event: next.value }
    }
  } finally {
    await iterator.return?.()
  }
}

async function* merge(
  iterators: readonly AsyncIterator<ChatEvent>[],
  ended: AbortController,
): AsyncGenerator<ChoiceEvent> {
  const ready: { choice: number; result: IteratorResult<ChatEvent> }[] = []
  let failure: { readonly error: unknown } | undefined
  let wake = (): void => {}
  const pull = async (choice: number, iterator: AsyncIterator<ChatEvent>): Promise<void> => {
    try {
      ready.push({ choice, result: await iterator.next() })
    } catch (error) {
      failure ??= { error }
    }
    wake()
  }
  try {
    for (const [choice, iterator] of iterators.entries()) void pull(choice, iterator)
    let open = iterators.length
    while (open > 0) {
      if (failure !== undefined) throw failure.error
      const next = ready.shift()
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      } else if (next.result.done === true) {
        open -= 1
      } else {
        yield { choice: next.choice, event: next.result.value }
        void pull(next.choice, iterators[next.choice] as AsyncIterator<ChatEvent>)
      }
    }
  } finally {
    // First the work, or leaving would wait for the next token of each.
    ended.abort()
    await Promise.allSettled(iterators.map((iterator) => iterator.return?.()))
  }
}
