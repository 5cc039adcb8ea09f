// Prefixes that come back from disk, or from a memory that is too small for all, give the text of a computed prefix.
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { PrefixCache } from "@fireside/engine"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { CACHE, type Loaded, load } from "./loaded-weights.ts"
import { answer, ask, CASES, caseAt, leaveEarly } from "./mixed-load.ts"

const MEGABYTE = 1024 * 1024
/** What a new chat shares with no other: without the inventory's 650 tokens nothing would be worth keeping. */
const LONG_PREFIX_TOKENS = 600

describe.skipIf(CACHE === undefined)("kept prefixes (need FIRESIDE_TEST_CACHE)", () => {
  let folder = ""
  /** Each computed alone, from its first token on, and token by token. */
  const alone: string[] = []
  const cache = (changes: Partial<PrefixCache> = {}): PrefixCache => ({
    folder,
    identity: "smollm2",
    diskBytes: 512 * MEGABYTE,
    memoryBytes: 64 * MEGABYTE,
    ...changes,
  })
  const cases = () => CASES.map((one, index) => [one, alone[index]] as const)
  const expectAll = async ({ model }: Loaded) => {
    for (const [one, text] of cases()) expect(await answer(model, one)).toBe(text)
  }

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "fireside-kept-")))
    await using plain = await load({})
    for (const one of CASES)
      alone.push(await answer(plain.model, one, { cachePrompt: false, speculate: false }))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test("a new process goes on with what the one before left on disk", async () => {
    {
      await using first = await load({}, cache())
      await expectAll(first)
    }
    await using second = await load({}, cache())
    for (const [one, text] of cases()) {
      const found = await ask(second.model, one)
      expect(found.text).toBe(text)
      expect(found.cachedTokens).toBeGreaterThan(LONG_PREFIX_TOKENS)
    }
  })

  test("a memory too small for the chats changes nothing, with more chats than streams", async () => {
    await using small = await load({ streams: 2 }, cache({ diskBytes: 0, memoryBytes: MEGABYTE }))
    const chats = Array.from({ length: 3 }, (_, chat) => ({ cacheOwner: `chat ${chat}` }))
    for (const round of [0, 1]) {
      const texts = await Promise.all(
        chats.map((chat, index) => answer(small.model, caseAt(index + round), chat)),
      )
      expect(texts).toEqual(chats.map((_, index) => alone[(index + round) % CASES.length]))
    }
  })

  test("guesses, reuse, a crowd, those who leave, the disk and a small memory, all at once", async () => {
    const small = cache({ memoryBytes: MEGABYTE, identity: "all at once" })
    // The second process finds on disk what the first left there in a hurry.
    for (const streams of [3, 2]) {
      await using loaded = await load({ streams, batchRows: 128, microBatchRows: 128 }, small)
      const { model } = loaded
      const texts = await Promise.all([
        answer(model, caseAt(0), { speculate: true }),
        answer(model, caseAt(1), { cacheOwner: "another", cacheLabel: "chat" }),
        leaveEarly(model, caseAt(2)).then(() => answer(model, caseAt(2), { speculate: true })),
        leaveEarly(model, caseAt(1)).then(() => answer(model, caseAt(0), { cachePrompt: false })),
        answer(model, caseAt(2), { cacheOwner: "another" }).then(() => answer(model, caseAt(1))),
      ])
      expect(texts).toEqual([0, 1, 2, 0, 1].map((index) => alone[index]))
    }
  })
})
