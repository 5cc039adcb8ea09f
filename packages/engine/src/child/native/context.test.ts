// The guards and the abort of the native layer, with a tiny model in this very process.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildTinyModel } from "@fireside/gguf/testing"
import { AppError } from "@fireside/protocol"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { STRUCT_SIZES } from "./abi.ts"
import { createContext, type NativeContext } from "./context.ts"
import { findDrift, type NativeLibrary } from "./library.ts"
import { loadModel, type NativeModel } from "./model.ts"
import { createCandidateBuffer, createSampler } from "./sampler.ts"
import { createThreadPool } from "./threads.ts"
import { fillBatch, loadTinyNative } from "./tiny-model.fixture.ts"

const OPTIONS = {
  cellsPerSequence: 256,
  sequences: 2,
  batchRows: 128,
  microBatchRows: 64,
  kvType: "f16",
  threads: 1,
  pool: null,
} as const

let library: NativeLibrary
let model: NativeModel
let context: NativeContext

beforeAll(() => {
  ;({ library, model } = loadTinyNative())
  context = createContext(library, model, OPTIONS)
})
afterAll(() => {
  context[Symbol.dispose]()
  model[Symbol.dispose]()
})

function decodePrompt(target: NativeContext, tokens: readonly number[]): number {
  const row = fillBatch(target, tokens)
  expect(target.decode()).toBe("done")
  return row
}

const PROMPT = Array.from({ length: 128 }, (_, index) => (index * 37) % 200)

test("a decode gives logits of the row that wants them, and of no other", () => {
  context.clearMemory()
  const row = decodePrompt(context, PROMPT)
  const logits = context.logits(row)
  expect(logits).toHaveLength(model.vocabularySize)
  expect(logits.every(Number.isFinite)).toBe(true)
  expect(() => context.logits(row - 1)).toThrow("has no logits")
  expect(() => context.logits(500)).toThrow("has no logits")
  context.clear()
  expect(() => context.logits(row)).toThrow("has no logits")
})

test("an aborted batch leaves its finished part behind; cut away, all is as before", () => {
  context.clearMemory()
  let asked = 0
  let limit = Number.POSITIVE_INFINITY
  context.setAbort(() => ++asked > limit)
  context.watchAbort(true)
  const expected = Float32Array.from(context.logits(decodePrompt(context, PROMPT)))
  context.clearMemory()
  // In the second of two micro-batches.
  limit = asked + Math.floor(asked * 0.75)
  context.clear()
  for (const [position, token] of PROMPT.entries()) context.addRow(token, position, 0, position === 127)
  expect(context.decode()).toBe("aborted")
  expect(context.firstPosition(0)).toBe(0)
  expect(() => context.logits(127)).toThrow("has no logits")
  context.watchAbort(false)
  expect(context.cut(0, 0)).toBe(true)
  expect(context.firstPosition(0)).toBe(-1)
  expect(Float32Array.from(context.logits(decodePrompt(context, PROMPT)))).toEqual(expected)
})

test("a gap in the positions is `invalid`, and the context goes on", () => {
  context.clearMemory()
  decodePrompt(context, PROMPT.slice(0, 4))
  context.clear()
  context.addRow(1, 9, 0, true)
  expect(context.decode()).toBe("invalid")
  context.clear()
  context.addRow(1, 4, 0, true)
  expect(context.decode()).toBe("done")
})

test("a full memory is `no-room`, and the context goes on", () => {
  context.clearMemory()
  for (let start = 0; start < 256; start += 128) {
    context.clear()
    for (let index = 0; index < 128; index++) context.addRow(index, start + index, 0, index === 127)
    expect(context.decode()).toBe("done")
  }
  context.clear()
  context.addRow(1, 256, 0, true)
  expect(context.decode()).toBe("no-room")
  expect(context.cut(0, 200)).toBe(true)
  context.clear()
  context.addRow(1, 200, 0, true)
  expect(context.decode()).toBe("done")
})

test("what would end the process is refused before the call", () => {
  context.clear()
  expect(() => context.addRow(model.vocabularySize, 0, 0, true)).toThrow("cannot be decoded")
  expect(() => context.addRow(-1, 0, 0, true)).toThrow("cannot be decoded")
  expect(() => context.addRow(1, -1, 0, true)).toThrow("cannot be decoded")
  expect(() => context.addRow(1, 0, 2, true)).toThrow("no sequence 2")
  expect(() => context.cut(256, 0)).toThrow("no sequence 256")
  expect(() => context.firstPosition(-1)).toThrow("no sequence -1")
  expect(() => context.decode()).toThrow("empty batch")
  for (let row = 0; row < 128; row++) context.addRow(1, row, 0, false)
  expect(() => context.addRow(1, 128, 0, false)).toThrow("room for 128 rows")
  expect(() => createContext(library, model, { ...OPTIONS, sequences: 257 })).toThrow("256 are possible")
  expect(() => model.piece(model.vocabularySize, true)).toThrow(AppError)
  expect(() => model.isEndOfGeneration(-1)).toThrow(AppError)
})

test("a library of another layout is noticed", () => {
  const { functions } = library
  const sizeOf = (name: string) => new Map<string, number>(Object.entries(STRUCT_SIZES)).get(name) ?? 0
  expect(findDrift(functions, sizeOf)).toEqual([])
  expect(findDrift({ ...functions, llama_version: () => "0.6.0" }, sizeOf)).toEqual([
    "version 0.6.0, expected 0.5.0",
  ])
  expect(findDrift(functions, (name) => sizeOf(name) + (name === "llama_batch" ? 8 : 0))).toEqual([
    "llama_batch has 64 bytes, expected 56",
  ])
  // As if one field of four bytes had come in before.
  const shifted = { ...functions.llama_context_default_params(), n_batch: 512, n_ubatch: 1 }
  expect(findDrift({ ...functions, llama_context_default_params: () => shifted }, sizeOf)).toEqual([
    "llama_context_params.n_batch is 512, expected 2048",
    "llama_context_params.n_ubatch is 1, expected 512",
  ])
})

test("a sampler asked for a row without logits throws in place of aborting", () => {
  using sampler = createSampler(library, model, createCandidateBuffer(model.vocabularySize), {
    sampling: { temperature: 0 },
    seed: 1,
    contextLength: 256,
  })
  context.clear()
  expect(() => sampler.sample(context, 0)).toThrow("has no logits")
})

test("a grammar that has ended allows only the end, and a forbidden token is never accepted", () => {
  using sampler = createSampler(library, model, createCandidateBuffer(model.vocabularySize), {
    sampling: { temperature: 0, logitBias: { "65": 100 } },
    seed: 1,
    contextLength: 256,
    grammar: 'root ::= "0" "1"',
  })
  context.clearMemory()
  const row = decodePrompt(context, PROMPT.slice(0, 3))
  const texts = Array.from({ length: 2 }, () =>
    Buffer.from(model.piece(sampler.sample(context, row) ?? -1, true)).toString(),
  )
  expect(texts.join("")).toBe("01")
  const last = sampler.sample(context, row)
  expect(last === null || model.isEndOfGeneration(last)).toBe(true)
})

test.each(["", " \n", 'other ::= "a"', 'root ::= "a\0b"', "root ::= missing"])(
  "the grammar %j is refused",
  (grammar) => {
    const options = { sampling: {}, seed: 1, contextLength: 256, grammar }
    expect(() => createSampler(library, model, createCandidateBuffer(model.vocabularySize), options)).toThrow(
      expect.objectContaining({ code: "bad-grammar" }),
    )
  },
)

test("a pool of threads computes the same as none", () => {
  using pool = createThreadPool(library, { threads: 2, cpus: [] })
  expect(pool?.threads).toBe(2)
  using pooled = createContext(library, model, { ...OPTIONS, threads: 2, pool })
  context.clearMemory()
  const expected = Float32Array.from(context.logits(decodePrompt(context, PROMPT)))
  expect(Float32Array.from(pooled.logits(decodePrompt(pooled, PROMPT)))).toEqual(expected)
})

test.each(["missing", "empty", "text", "cut"])("a %s file is refused with a reason", (kind) => {
  const folder = mkdtempSync(join(tmpdir(), "fireside-native-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, `${kind}.gguf`)
  if (kind === "empty") writeFileSync(path, "")
  if (kind === "text") writeFileSync(path, "this is no model")
  if (kind === "cut") writeFileSync(path, buildTinyModel().slice(0, 20_000))
  const load = () => loadModel(library, { path, useMmap: true, gpuLayers: 0 })
  expect(load).toThrow(expect.objectContaining({ code: "load-failed" }))
})
