// A chat that leaves nothing: what is computed of it serves its own next turn, is in no file, and goes when the chat ends.
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { PrefixCache } from "@fireside/engine"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { CACHE, load } from "./loaded-weights.ts"
import { ask, caseAt } from "./mixed-load.ts"

const MEGABYTE = 1024 * 1024
const TEMPORARY = { cacheLabel: "temporary:local:1", cacheOnDisk: false } as const

describe.skipIf(CACHE === undefined)("temporary chats (need FIRESIDE_TEST_CACHE)", () => {
  let folder = ""
  const cache = (): PrefixCache => ({
    folder,
    identity: "smollm2",
    diskBytes: 512 * MEGABYTE,
    memoryBytes: 64 * MEGABYTE,
  })
  const files = () => readdirSync(folder, { recursive: true }).sort()
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "fireside-temporary-")))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test("the cache folder is as it was, though the next turn finds the turn before", async () => {
    {
      await using loaded = await load({}, cache())
      await ask(loaded.model, caseAt(0), TEMPORARY)
      expect((await ask(loaded.model, caseAt(1), TEMPORARY)).cachedTokens).toBeGreaterThan(600)
    }
    // The process has ended, and would have written what it knew.
    expect(files()).toEqual([])
    {
      await using loaded = await load({}, cache())
      await ask(loaded.model, caseAt(0), { cacheLabel: "stored" })
    }
    expect(files().length).toBeGreaterThan(0)
  })

  test("when it ends, memory knows nothing of it", async () => {
    await using loaded = await load({ streams: 1 }, { ...cache(), identity: "another" })
    await ask(loaded.model, caseAt(0), TEMPORARY)
    loaded.model.forget?.({ type: "label", label: TEMPORARY.cacheLabel })
    // What the template itself writes may be there.
    expect((await ask(loaded.model, caseAt(0), TEMPORARY)).cachedTokens).toBeLessThan(64)
  })
})
