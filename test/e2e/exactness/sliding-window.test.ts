// A model whose layers look back 512 tokens: the same text whatever is cut back, reused, restored or computed beside it.
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { deterministicVerdict } from "@fireside/fit"
import { openFileSource, readHeader } from "@fireside/gguf"
import { GGUF_LIMITS } from "@fireside/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { ensureConverted } from "./converted-weights.ts"
import { CACHE, type Loaded, load } from "./loaded-weights.ts"
import { answer, ask, CASES, caseAt, leaveEarly } from "./mixed-load.ts"

const NEVER = new AbortController().signal
/** Longer than the window, so that what has left it is asked for again when a prompt goes back into it. */
const WINDOW_TOKENS = 512

describe.skipIf(CACHE === undefined)("a sliding window (needs FIRESIDE_TEST_CACHE)", () => {
  let folder = ""
  let converted = ""
  let loaded: Loaded
  const alone: string[] = []
  const cache = () => ({
    folder,
    identity: "gemma3",
    diskBytes: 512 * 1024 * 1024,
    memoryBytes: 64 * 1024 * 1024,
  })

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "fireside-window-")))
    converted = await ensureConverted(CACHE ?? "")
    loaded = await load({ streams: 3 }, cache(), converted)
    for (const one of CASES)
      alone.push(await answer(loaded.model, one, { cachePrompt: false, speculate: false }))
  })
  afterAll(async () => {
    await loaded?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  test("weights whose kernels give other bits in a crowd are refused by name, the converted ones are not", async () => {
    const verdicts = await Promise.all(
      ["gemma3.gguf", converted].map(async (name) => {
        await using source = await openFileSource(join(CACHE ?? "", name))
        return deterministicVerdict(await readHeader(source, { limits: GGUF_LIMITS }, NEVER))
      }),
    )
    expect(verdicts).toMatchObject([
      { possible: false, why: expect.stringContaining("Q4_K") },
      { possible: true },
    ])
  })

  test("the answers are long enough to differ, and do not all follow one pattern", () => {
    expect(new Set(alone).size).toBeGreaterThan(1)
    for (const text of alone) expect(text.length).toBeGreaterThan(40)
  })

  test("guesses, and a prefix that is cut back into the window", async () => {
    for (const [index, one] of CASES.entries()) {
      expect(await answer(loaded.model, one, { speculate: true })).toBe(alone[index])
      const again = await ask(loaded.model, one)
      expect(again.text).toBe(alone[index])
      expect(again.promptTokens).toBeGreaterThan(WINDOW_TOKENS)
      expect(again.cachedTokens).toBeGreaterThan(0)
    }
  })

  test("a crowd changes nothing, with some who leave early", async () => {
    const { model } = loaded
    const texts = await Promise.all([
      answer(model, caseAt(0), { cachePrompt: false }),
      answer(model, caseAt(1), { speculate: true }),
      leaveEarly(model, caseAt(0)).then(() => answer(model, caseAt(2))),
      leaveEarly(model, caseAt(2)).then(() => answer(model, caseAt(1), { cachePrompt: false })),
    ])
    expect(texts).toEqual([0, 1, 2, 1].map((index) => alone[index]))
  })

  test("a new process with small batches and the disk of the one before", async () => {
    await loaded[Symbol.asyncDispose]()
    // As many streams as before: a cache of two parts is written for that number. What has left the window is not on disk, so a line that
    // would have to be cut is computed anew; the text must not give it away.
    await using next = await load({ streams: 3, batchRows: 64, microBatchRows: 64 }, cache(), converted)
    const found = await ask(next.model, caseAt(0))
    expect(found.text).toBe(alone[0])
    const texts = await Promise.all([0, 1, 2].map((index) => answer(next.model, caseAt(index))))
    expect(texts).toEqual(alone)
  })
})
