// One context decodes between two nodes of another's graph, with a tiny model in this very process: what no document of the library promises.
import { readdirSync, readFileSync } from "node:fs"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createContext, type NativeContext } from "../native/context.ts"
import type { NativeLibrary } from "../native/library.ts"
import type { NativeModel } from "../native/model.ts"
import { createThreadPool } from "../native/threads.ts"
import { fillBatch, loadTinyNative } from "../native/tiny-model.fixture.ts"

const THREADS = 2
const PROMPT = Array.from({ length: 200 }, (_, index) => (index * 37) % 200)
const ANSWER = Array.from({ length: 40 }, (_, index) => (index * 11) % 200)

let library: NativeLibrary
let model: NativeModel

beforeAll(() => {
  ;({ library, model } = loadTinyNative())
})
afterAll(() => model[Symbol.dispose]())

function createPool(gives: boolean) {
  const pool = createThreadPool(library, { threads: THREADS, cpus: [], gives })
  if (pool === null) throw new Error("the library has thread pools")
  return pool
}

function create(pool: ReturnType<typeof createPool>): NativeContext {
  return createContext(library, model, {
    cellsPerSequence: 256,
    sequences: 1,
    batchRows: 256,
    microBatchRows: 256,
    kvType: "f16",
    threads: THREADS,
    pool,
  })
}

function decode(context: NativeContext, tokens: readonly number[], from: number) {
  const row = fillBatch(context, tokens, { from })
  const result = context.decode()
  return { result, logits: result === "done" ? Float32Array.from(context.logits(row)) : null }
}

test("both have the bits that they have alone", () => {
  using pool = createPool(false)
  using context = create(pool)
  const prompt = decode(context, PROMPT, 0).logits
  context.clearMemory()
  const answer = ANSWER.map((token, index) => decode(context, [token], index).logits)

  context.clearMemory()
  using givingPool = createPool(true)
  using apart = create(givingPool)
  const between: (Float32Array | null)[] = []
  apart.setAbort(() => {
    const token = ANSWER[between.length]
    if (token !== undefined) between.push(decode(context, [token], between.length).logits)
    return false
  })
  apart.watchAbort(true)
  expect(decode(apart, PROMPT, 0).logits).toEqual(prompt)
  expect(between).toEqual(answer)
})

test("one that is aborted between two of them leaves the other as it is", () => {
  using pool = createPool(false)
  using context = create(pool)
  const expected = [decode(context, [5], 0).logits, decode(context, [6], 1).logits]
  context.clearMemory()
  using givingPool = createPool(true)
  using apart = create(givingPool)
  const between: (Float32Array | null)[] = []
  apart.setAbort(() => {
    between.push(decode(context, [5], 0).logits)
    return true
  })
  apart.watchAbort(true)
  expect(decode(apart, PROMPT, 0).result).toBe("aborted")
  expect([...between, decode(context, [6], 1).logits]).toEqual(expected)
})

const niceOf = (thread: string): number => {
  // proc_stat(5): the name is in brackets; the nice value is the 19th field.
  const stat = readFileSync(`/proc/self/task/${thread}/stat`, "utf8")
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16])
}

test.skipIf(process.platform !== "linux")(
  "its threads are behind those of the first pool (needs Linux)",
  () => {
    using first = createPool(false)
    const before = new Set(readdirSync("/proc/self/task"))
    const own = niceOf(String(process.pid))
    using second = createPool(true)
    const made = readdirSync("/proc/self/task").filter((thread) => !before.has(thread))
    expect(made).toHaveLength(THREADS - 1)
    expect(made.map(niceOf)).toEqual([10])
    expect(niceOf(String(process.pid))).toBe(own)
    expect([first.gives, second.gives]).toEqual([false, true])
  },
)
