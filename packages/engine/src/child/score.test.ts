// Scores of a text against the logits that they are made of, with a tiny model in this very process.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildTinyModel } from "@fireside/gguf/testing"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { TEST_PLAN } from "../testing.ts"
import type { LoadedModel } from "./loaded-model.ts"
import type { ScoreOptions, TokenScores } from "./messages.ts"
import { createContext } from "./native/context.ts"
import { loadLibrary, type NativeLibrary } from "./native/library.ts"
import { locateLibraries } from "./native/library-folder.ts"
import { loadModel, type NativeModel } from "./native/model.ts"
import { score } from "./score.ts"

const CONTEXT_LENGTH = 200
const TEXT = Array.from({ length: 150 }, (_, index) => (index * 37) % 200)

let folder: string
let library: NativeLibrary
let model: NativeModel
let turns: number
beforeAll(() => {
  library = loadLibrary(locateLibraries())
  folder = mkdtempSync(join(tmpdir(), "fireside-score-"))
  const path = join(folder, "tiny.gguf")
  writeFileSync(path, buildTinyModel({ type: "F32" }))
  model = loadModel(library, { path, useMmap: true, gpuLayers: 0 })
})
afterAll(() => {
  model[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  turns = 0
})

function scored(options: ScoreOptions): Promise<TokenScores> {
  const plan = { ...TEST_PLAN, contextLength: CONTEXT_LENGTH }
  // What `score` looks at of a loaded model.
  const loaded = { model, plan, pool: null } as unknown as LoadedModel
  const yieldTurn = async () => {
    turns += 1
  }
  return score(options, { library, loaded, yieldTurn })
}

/** The logits after each token of the text, computed token by token. */
function logitsOf(tokens: readonly number[]): readonly Float32Array[] {
  using context = createContext(library, model, {
    cellsPerSequence: tokens.length,
    sequences: 1,
    batchRows: 1,
    microBatchRows: 1,
    kvType: "f16",
    threads: 1,
    pool: null,
  })
  return tokens.map((token, position) => {
    context.clear()
    const row = context.addRow(token, position, 0, true)
    expect(context.decode()).toBe("done")
    return Float32Array.from(context.logits(row))
  })
}

test("the likeliest tokens after each one, with the logarithms of their probabilities", async () => {
  const { kept, ids, logProbabilities } = await scored({ tokens: TEXT })
  expect(kept).toBe(Math.min(256, model.vocabularySize))
  expect([ids.length, logProbabilities.length]).toEqual([TEXT.length * kept, TEXT.length * kept])
  for (const [position, logits] of logitsOf(TEXT).entries()) {
    const all = [...logits]
    const largest = Math.max(...all)
    const norm = largest + Math.log(all.reduce((sum, logit) => sum + Math.exp(logit - largest), 0))
    const own = logProbabilities.subarray(position * kept, (position + 1) * kept)
    const ownIds = ids.subarray(position * kept, (position + 1) * kept)
    // Rows that are computed together may differ from single ones in the last bits.
    for (const index of [0, 1, kept - 1])
      expect(own[index]).toBeCloseTo((logits[ownIds[index] ?? 0] ?? 0) - norm, 1)
    expect([...own].every((value, index) => index === 0 || value <= (own[index - 1] ?? 0))).toBe(true)
    expect(new Set(ownIds).size).toBe(kept)
    expect([...own].reduce((sum, value) => sum + Math.exp(value), 0)).toBeLessThanOrEqual(1.001)
  }
})

test("however many rows go through at once, each position is scored once, in turns", async () => {
  const whole = await scored({ tokens: TEXT })
  expect(turns).toBe(Math.ceil(TEXT.length / 64))
  for (const rows of [1, 7, 1_000]) {
    turns = 0
    const { logProbabilities } = await scored({ tokens: TEXT, rows, at: whole.ids })
    expect(turns).toBe(Math.ceil(TEXT.length / Math.min(rows, 64)))
    const difference = logProbabilities.reduce(
      (most, value, index) => Math.max(most, Math.abs(value - (whole.logProbabilities[index] ?? 0))),
      0,
    )
    expect(difference, `${rows} rows`).toBeLessThan(0.05)
  }
})

test("at given tokens: those of another file, in their order", async () => {
  const tokens = TEXT.slice(0, 3)
  const { kept, ids, logProbabilities } = await scored({ tokens })
  const at = Int32Array.from({ length: ids.length }, (_, index) => {
    const position = Math.floor(index / kept)
    return ids[position * kept + (kept - 1 - (index % kept))] ?? 0
  })
  const again = await scored({ tokens, at })
  expect([...again.ids]).toEqual([...at])
  // The same token of the same position is as likely as before.
  for (const position of tokens.keys()) {
    const before = logProbabilities.subarray(position * kept, (position + 1) * kept)
    const after = again.logProbabilities.subarray(position * kept, (position + 1) * kept)
    expect([...after].reverse()).toEqual([...before])
  }
})

describe("refused is", () => {
  test("a text longer than the context, with both numbers", async () => {
    const tokens = Array<number>(CONTEXT_LENGTH + 1).fill(1)
    await expect(scored({ tokens })).rejects.toMatchObject({
      code: "context-overflow",
      details: { promptTokens: CONTEXT_LENGTH + 1, contextLength: CONTEXT_LENGTH },
    })
    expect(turns).toBe(0)
  })

  test.each<[string, (size: number) => ScoreOptions]>([
    ["no text", () => ({ tokens: [] })],
    ["a token past the vocabulary", (size) => ({ tokens: [1, size] })],
    ["a negative token", () => ({ tokens: [-1] })],
    ["a fraction", () => ({ tokens: [1.5] })],
    ["places for another text", () => ({ tokens: [1], at: new Int32Array(3) })],
    ["places past the vocabulary", (size) => ({ tokens: [1], at: new Int32Array(256).fill(size) })],
  ])("%s", async (_, options) => {
    await expect(scored(options(model.vocabularySize))).rejects.toMatchObject({ code: "bad-request" })
    expect(turns).toBe(0)
  })
})
