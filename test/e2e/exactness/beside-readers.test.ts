// A long prompt that is computed beside somebody who reads: in a context of its own, in batches that stop for the reader's steps.
import type { LlamaModel } from "@fireside/engine"
import { describe, expect, test } from "vitest"
import { CACHE, type Loaded, load } from "./loaded-weights.ts"
import { answer, CASES, type Case, promptOf } from "./mixed-load.ts"

/** Rows of one block: beside a reader a prompt in the common context of such a slow cache goes on by one at a time. */
const BLOCK_ROWS = 64

describe.skipIf(CACHE === undefined)("a prompt beside readers (needs FIRESIDE_TEST_CACHE)", () => {
  test("has the text that it has alone, and so has the reader", async () => {
    // Where two threads compute a block in a moment nobody waits for it, and the prompt goes the ordinary way.
    for (const threads of [2, 1]) {
      await using loaded = await load({ threads })
      if ((await leastBatch(loaded)) > BLOCK_ROWS) return
    }
    expect.unreachable("no other way has such long batches beside a reader, so none was computed apart")
  })
})

/** Compares both texts, and gives the least number of rows that the document went on by. */
async function leastBatch({ model }: Loaded): Promise<number> {
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
  expect(steps).not.toEqual([])
  return Math.min(...steps)
}

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
