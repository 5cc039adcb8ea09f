import { AppError, type ChatEvent } from "@fireside/protocol"
import { expect, test } from "vitest"
import { beginChoices, type ChoiceEvent, collectChoices, ofChoice, type StartGeneration } from "./choices.ts"

const TIMINGS = { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 1, decodeTokensPerSecond: 1, totalMs: 1 }
const USAGE = { promptTokens: 1, cachedTokens: 0, completionTokens: 1 }
const START: ChatEvent = { type: "start", model: "tiny", id: "1" }
const FINISH: ChatEvent = { type: "finish", reason: "stop", usage: USAGE, timings: TIMINGS }
const says = (text: string): ChatEvent => ({ type: "text-delta", text })

interface Watched {
  readonly start: StartGeneration
  /** How it ended: `undefined` while it runs. */
  ended: "done" | "aborted" | undefined
}

/** A generation that gives `events`, then waits until it is stopped unless the last one is an end. */
function generation(...events: readonly (ChatEvent | AppError)[]): Watched {
  const watched: Watched = {
    ended: undefined,
    async *start(signal) {
      try {
        for (const event of events) {
          if (event instanceof AppError) throw event
          yield event
          if (event.type === "finish" || event.type === "error") return
        }
        signal.throwIfAborted()
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true })
        })
      } finally {
        watched.ended = signal.aborted ? "aborted" : "done"
      }
    },
  }
  return watched
}

const never = (): AbortSignal => new AbortController().signal

async function readAll(events: AsyncIterable<ChoiceEvent>): Promise<string> {
  const texts: string[] = []
  for await (const { choice, event } of events)
    texts.push(event.type === "text-delta" ? `${choice}${event.text}` : `${choice}${event.type}`)
  return texts.join(" ")
}

test("one choice is read as it is", async () => {
  const one = generation(START, says("a"), FINISH)
  const choices = await beginChoices([one.start], never())
  expect(choices.start).toEqual(START)
  expect(await readAll(choices.events)).toBe("0a 0finish")
})

test("several come as they go, each to its end", async () => {
  const all = [generation(START, says("a"), FINISH), generation(START, says("x"), says("y"), FINISH)]
  const choices = await beginChoices(
    all.map((it) => it.start),
    never(),
  )
  const words = (await readAll(choices.events)).split(" ")
  expect(words.filter((word) => word.startsWith("0"))).toEqual(["0a", "0finish"])
  expect(words.filter((word) => word.startsWith("1"))).toEqual(["1x", "1y", "1finish"])
  expect(all.map((it) => it.ended)).toEqual(["done", "done"])
})

test.each([[1], [3]])("a reader that leaves ends all of %d", async (count) => {
  const all = Array.from({ length: count }, () => generation(START, says("a"), says("b")))
  const choices = await beginChoices(
    all.map((it) => it.start),
    never(),
  )
  for await (const _ of choices.events) break
  expect(all.map((it) => it.ended)).not.toContain(undefined)
})

test("a choice that cannot begin ends those that have, and its own error is thrown", async () => {
  const refused = new AppError("context-overflow", { message: "Too long." })
  const all = [generation(START, says("a")), generation(START), generation(refused)]
  const begun = beginChoices(
    all.map((it) => it.start),
    never(),
  )
  await expect(begun).rejects.toBe(refused)
  expect(all.map((it) => it.ended)).not.toContain(undefined)
})

test("a stream that breaks off ends the others", async () => {
  const broken = new AppError("engine-crashed", { message: "Gone." })
  const all = [generation(START, says("a"), broken), generation(START, says("x"))]
  const choices = await beginChoices(
    all.map((it) => it.start),
    never(),
  )
  await expect(readAll(choices.events)).rejects.toBe(broken)
  expect(all.map((it) => it.ended)).not.toContain(undefined)
})

test("whole answers come in their order, eight at once", async () => {
  let running = 0
  let most = 0
  const starts = Array.from(
    { length: 20 },
    (_, at): StartGeneration =>
      async function* () {
        running += 1
        most = Math.max(most, running)
        yield START
        await new Promise((resolve) => setImmediate(resolve))
        yield says(String(at))
        running -= 1
        yield FINISH
      },
  )
  const answers = await collectChoices(starts, never())
  expect(answers.map((answer) => answer.text)).toEqual(starts.map((_, at) => String(at)))
  expect(most).toBe(8)
})

test("a whole answer that fails ends the others", async () => {
  const error: ChatEvent = { type: "error", code: "engine-hung", message: "Silent." }
  const all = [generation(START), generation(START, error)]
  const answers = collectChoices(
    all.map((it) => it.start),
    never(),
  )
  await expect(answers).rejects.toMatchObject({ code: "engine-hung" })
  await expect.poll(() => all.map((it) => it.ended)).toEqual(["aborted", "done"])
})

test("the client's own signal reaches all", async () => {
  const gone = new AbortController()
  const all = [generation(START, says("a")), generation(START, says("b"))]
  const choices = await beginChoices(
    all.map((it) => it.start),
    gone.signal,
  )
  const read = readAll(choices.events)
  gone.abort()
  await expect(read).rejects.toMatchObject({ name: "AbortError" })
  expect(all.map((it) => it.ended)).toEqual(["aborted", "aborted"])
})

test("each choice has a seed of its own", () => {
  const request = { sampling: { seed: 0xffff_fffe, temperature: 1 } }
  expect([0, 1, 2].map((index) => ofChoice(request, index).sampling.seed)).toEqual([0xffff_fffe, 0, 1])
  const plain = { sampling: { temperature: 1 } }
  expect(ofChoice(plain, 3)).toBe(plain)
})

test("where fewer run at once than are asked for, the first are read to their end before the others begin", async () => {
  const all = Array.from({ length: 3 }, () => generation(START, says("a"), says("b"), FINISH))
  let turn = Promise.resolve()
  const oneByOne = all.map(({ start }): StartGeneration => {
    const before = turn
    const over = Promise.withResolvers<void>()
    turn = over.promise
    return async function* (signal) {
      await before
      try {
        yield* start(signal)
      } finally {
        over.resolve()
      }
    }
  })
  const choices = await beginChoices(oneByOne, never())
  const words = (await readAll(choices.events)).split(" ")
  for (const choice of ["0", "1", "2"])
    expect(words.filter((word) => word.startsWith(choice))).toEqual([
      `${choice}a`,
      `${choice}b`,
      `${choice}finish`,
    ])
})

test("what fails after the others were read ahead is told by its own", async () => {
  const broken = new AppError("engine-crashed", { message: "gone" })
  const all = [generation(START, says("a"), broken), generation(START, says("x"), FINISH)]
  const choices = await beginChoices(
    all.map((it) => it.start),
    never(),
  )
  await expect(readAll(choices.events)).rejects.toBe(broken)
})
