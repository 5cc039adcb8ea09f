// Computed prefixes of the real engine: they outlive their process, and what is wrong with a file costs time only.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildTinyModel } from "@fireside/gguf/testing"
import { createMemoryLog, type MemoryLog } from "@fireside/host/testing"
import { afterEach, beforeEach, expect, test } from "vitest"
import { listPrefixFiles, removePrefixFiles } from "./child/prefix/files/prefix-files.ts"
import type { GenerateOptions } from "./engine.ts"
import { answerOf, GREEDY, NEVER, TINY_PLAN } from "./llama-engine.fixture.ts"
import { createLlamaEngine } from "./llama-engine.ts"
import type { LlamaModel } from "./supervisor/llama-model.ts"

let folder: string
let cacheFolder: string
let path: string
let log: MemoryLog

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fireside-prefixes-"))
  cacheFolder = mkdtempSync(join(folder, "kv-"))
  path = join(folder, "tiny.gguf")
  writeFileSync(path, buildTinyModel())
  log = createMemoryLog()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A process of its own for `work`. */
async function withModel<T>(
  work: (model: LlamaModel) => Promise<T>,
  { identity = "weights", diskBytes = 10_000_000, streams = TINY_PLAN.streams } = {},
): Promise<T> {
  await using engine = createLlamaEngine({ cacheFolder, log })
  const cache = { folder: cacheFolder, identity, diskBytes, memoryBytes: 1_000_000 }
  const model = await engine.load({ name: "tiny", path, cache }, { ...TINY_PLAN, streams }, NEVER)
  try {
    return await work(model)
  } finally {
    await model[Symbol.asyncDispose]()
  }
}

const TOKENS = Array.from({ length: 150 }, (_, index) => 10 + ((index * 7) % 60))
const ask = (model: LlamaModel, more: readonly number[] = [], options: GenerateOptions = {}) =>
  answerOf(model, { type: "tokens", tokens: [...TOKENS, ...more] }, { ...GREEDY, ...options })

function files(): string[] {
  return readdirSync(cacheFolder).flatMap((model) =>
    readdirSync(join(cacheFolder, model)).map((name) => join(cacheFolder, model, name)),
  )
}

test("a chat goes on where it was, in a new process, with the same words", async () => {
  const fresh = await withModel((model) => ask(model, [11, 12], { cachePrompt: false }))
  await withModel((model) => ask(model))
  const again = await withModel((model) => ask(model, [11, 12]))
  expect(fresh.usage.cachedTokens).toBe(0)
  expect(again.usage.cachedTokens).toBe(150)
  expect(again.text).toBe(fresh.text)
  expect(log.lines.filter(({ message }) => /cache/.test(message))).toEqual([])
})

test("another number of streams finds it too", async () => {
  await withModel((model) => ask(model), { streams: 1 })
  const again = await withModel((model) => ask(model, [11]), { streams: 3 })
  expect(again.usage.cachedTokens).toBe(150)
  const back = await withModel((model) => ask(model, [12]), { streams: 1 })
  expect(back.usage.cachedTokens).toBe(150)
})

test("other weights, and no room on disk, begin anew", async () => {
  await withModel((model) => ask(model), { diskBytes: 0 })
  expect(files()).toEqual([])
  await withModel((model) => ask(model))
  const other = await withModel((model) => ask(model), { identity: "other weights" })
  expect(other.usage.cachedTokens).toBe(0)
})

test("a file that was spoilt costs a log line and the time", async () => {
  await withModel((model) => ask(model))
  for (const file of files()) {
    const bytes = readFileSync(file)
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1
    writeFileSync(file, bytes)
  }
  const again = await withModel((model) => ask(model))
  expect(again.usage.cachedTokens).toBe(0)
  expect(log.lines.filter(({ message }) => /ignored a file/.test(message))).toHaveLength(1)
})

test("what is forgotten is gone from memory and disk, by label", async () => {
  await withModel(async (model) => {
    await ask(model, [], { cacheLabel: "chat-1" })
    model.forget?.({ type: "label", label: "chat-1" })
    expect((await ask(model, [], { cacheLabel: "chat-2" })).usage.cachedTokens).toBe(0)
  })
  expect((await listPrefixFiles(cacheFolder)).map(({ line }) => line)).toMatchObject([
    { label: "chat-2", model: "weights" },
  ])
  expect((await removePrefixFiles(cacheFolder, { type: "label", label: "chat-2" })).files).toBe(1)
  expect(files()).toEqual([])
})

test("what is pinned is there for every owner, and stays when the rest is cleared", async () => {
  const prompt = (text: string) =>
    ({
      type: "chat",
      messages: [
        { role: "system", content: "be very kind to everybody who asks ".repeat(4) },
        { role: "user", content: text },
      ],
    }) as const
  const pinned = await withModel(async (model) => {
    const made = await model.pin?.(prompt("?"), "pin:kind", NEVER)
    model.forget?.({ type: "all", pinned: false })
    return made
  })
  expect(pinned?.tokens).toBeGreaterThan(10)
  expect(pinned?.bytes).toBeGreaterThan(0)
  const answer = await withModel((model) => answerOf(model, prompt("hi"), { ...GREEDY, cacheOwner: "bob" }))
  expect(answer.usage.cachedTokens).toBe(pinned?.tokens)
})
