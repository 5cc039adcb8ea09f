// A long prompt that is computed beside somebody who reads: in a context of its own, in batches that stop for the reader's steps.
import type { LlamaModel } from "@fireside/engine"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { CACHE, type Loaded, load } from "./loaded-weights.ts"
import { answer, CASES, type Case, promptOf } from "./mixed-load.ts"

/** Rows of one block: beside a reader a prompt in the common context of such a slow cache goes on by one at a time. */
const BLOCK_ROWS = 64

describe.skipIf(CACHE === undefined)("a prompt beside readers (needs FIRESIDE_TEST_CACHE)", () => {
  let loaded: Loaded
  beforeAll(async () => {
    loaded = await load({ threads: 2 })
  })
  afterAll(() => loaded?.[Symbol.asyncDispose]())

  test("has the text that it has alone, and so has the reader", async () => {
    const { model } = loaded
    const [document, story] = CASES
    if (document === undefined || story === undefined) throw new Error("two cases")
    const alone = await answer(model, document, { cachePrompt: false })
    const options = { cachePrompt: false, maxTokens: 120, speculate: false }
    const storyAlone = await answer(model, story, options)
    const reading = startReading(model, { ...story, options: { ...story.options, ...options } })
    await reading.hasBegun
    const { text, steps } = await readWithSteps(model, document)
    expect(text).toBe(alone)
    expect(await reading.text).toBe(storyAlone)
    // That it went this way: no other has such long batches beside a reader.
    expect(Math.min(...steps)).toBeGreaterThan(BLOCK_ROWS)
  })
})

function startReading(model: LlamaModel, { question, options }: Case) {
  const { promise: hasBegun, resolve, reject } = Promise.withResolvers<void>()
  const read = async (): Promise<string> => {
    let text = ""
    for await (const event of model.generate(promptOf(question), options, new AbortController().signal)) {
      if (event.type !== "text-delta") continue
      text += event.text
      resolve()
    }
    return text
  }
  const text = read()
  text.catch(reject)
  return { hasBegun, text }
}

/** Also by how many tokens its prompt went on from one word of progress to the next. */
async function readWithSteps(model: LlamaModel, { question, options }: Case) {
  const steps: number[] = []
  let done = 0
  let text = ""
  const asked = { ...options, cachePrompt: false }
  for await (const event of model.generate(promptOf(question), asked, new AbortController().signal)) {
    if (event.type === "text-delta") text += event.text
    if (event.type !== "prompt-progress" || event.doneTokens === done) continue
    steps.push(event.doneTokens - done)
    done = event.doneTokens
  }
  return { text, steps }
}
