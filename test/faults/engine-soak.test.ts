// Thousands of mixed requests to one engine: chats that grow, strangers, aborts, adapters, private and shared beginnings. Nothing may be lost:
// no sequence, no stream, no memory. A short form runs in CI; FIRESIDE_SOAK_REQUESTS=10000 is the whole of it, with as many before as it
// takes until caches, heap and allocator have what they keep.
import { readFileSync } from "node:fs"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { GenerateOptions } from "../../packages/engine/src/engine.ts"
import { NEVER, startTinyEngine, type TinyEngine } from "../../packages/engine/src/llama-engine.fixture.ts"

const MEASURED = Number(process.env.FIRESIDE_SOAK_REQUESTS ?? 0)
const STREAMS = 4
/** Requests under way at once: more than there are streams, so that some wait. */
const AT_ONCE = 7
/** Some hundred lines: it is full long before the end, and lines are thrown out for others. The 256 MiB of the product fill for 13,000 requests. */
const CACHE_BYTES = 16 * 2 ** 20
/** Memory grows by 4 MiB a thousand until 10,000, by 2 until 16,000, and from there to 24,000 by nothing: what is measured before says nothing. */
const WARM_UP_REQUESTS = 16_000
const REQUESTS = MEASURED > 0 ? WARM_UP_REQUESTS + MEASURED : 1_500

let tiny: TinyEngine
let adapters: readonly string[]

beforeAll(async () => {
  const model = { contextLength: 2_048, type: "Q8_0" } as const
  tiny = await startTinyEngine({
    model,
    cacheMemoryBytes: CACHE_BYTES,
    plan: { contextLength: 2_048, streams: STREAMS, batchRows: 256, microBatchRows: 256 },
  })
  adapters = [tiny.addAdapter(1), tiny.addAdapter(2)]
})

afterAll(async () => {
  await tiny[Symbol.asyncDispose]()
})

/** The same numbers in every run (mulberry32). */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** Chats that are remembered, and one of how many goes on for longer than the cells with which a context begins (1,024), so that it grows. */
const CHATS = 40
const LONG_EVERY = 8
/** A chat that has more tokens is never continued. */
const SHORT_TOKENS = 380
const LONG_TOKENS = 1_500

interface Wish {
  readonly tokens: readonly number[]
  readonly options: GenerateOptions
  /** Abort after so many events; undefined: never. */
  readonly abortAfter: number | undefined
}

/** Conversations that come back, begin alike, or never come again. */
function createWishes(random: (below: number) => number): () => Wish {
  const token = () => 10 + random(60)
  const beginnings = Array.from({ length: 3 }, () => Array.from({ length: 150 }, token))
  const chats: number[][] = []
  return () => {
    const place = random(CHATS)
    const known = chats[place]
    const isLong = place % LONG_EVERY === 0
    const isNew = known === undefined || known.length > (isLong ? LONG_TOKENS : SHORT_TOKENS)
    const beginning = random(2) === 0 ? [] : (beginnings[random(3)] ?? [])
    const first = (isLong ? LONG_TOKENS / 2 : 0) + 1 + random(120)
    const chat = isNew ? [...beginning, ...Array.from({ length: first }, token)] : known
    for (let count = random(25); count > 0; count--) chat.push(token())
    if (isNew) chats[place] = chat
    const adapter = adapters[random(6)]
    return {
      tokens: [...chat],
      options: {
        sampling: random(3) === 0 ? { temperature: 0.9, seed: random(1_000) } : { temperature: 0 },
        maxTokens: 1 + random(24),
        cacheOwner: `owner-${random(3)}`,
        cacheLabel: `chat-${random(20)}`,
        cachePrompt: random(10) > 0,
        ...(adapter === undefined ? {} : { adapters: [{ path: adapter, scale: 1 }] }),
      },
      abortAfter: random(8) === 0 ? random(6) : undefined,
    }
  }
}

/** Runs one request to its end; returns how it ended. */
async function serve({ tokens, options, abortAfter }: Wish): Promise<string> {
  const stop = new AbortController()
  let seen = 0
  let starts = 0
  let end = "none"
  if (abortAfter === 0) stop.abort()
  for await (const event of tiny.model.generate({ type: "tokens", tokens }, options, stop.signal)) {
    if (end !== "none") throw new Error(`${event.type} after ${end}`)
    if (event.type === "start") starts += 1
    if (event.type === "finish") end = event.reason
    if (event.type === "error") end = event.code
    seen += 1
    if (seen === abortAfter) stop.abort()
  }
  if (starts !== 1 && end !== "interrupted") throw new Error(`${starts} starts`)
  return end
}

/** Resident memory of the process and its children, mebibytes. */
function residentMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8")
  const own = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/)
  return children
    .filter((child) => child !== "")
    .reduce((sum, child) => sum + residentMib(Number(child)), own)
}

/** Growth a thousand requests by least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (pick: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length
  const [x, y] = [mean(([at]) => at), mean(([, value]) => value)]
  const above = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0)
  return (1_000 * above) / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0)
}

test(`${REQUESTS} mixed requests leave nothing behind`, async () => {
  const random = createRandom(20_261_128)
  const next = createWishes(random)
  const ends = new Map<string, number>()
  const memory: [number, number][] = []
  const { pid } = tiny.model.facts
  let done = 0
  const worker = async () => {
    while (done < REQUESTS) {
      done += 1
      const end = await serve(next())
      ends.set(end, (ends.get(end) ?? 0) + 1)
      if (done % 50 === 0 && process.platform === "linux" && done > WARM_UP_REQUESTS)
        memory.push([done, residentMib(pid)])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  expect([...ends.keys()].sort()).toEqual(["interrupted", "length", "stop"].filter((end) => ends.has(end)))
  expect(ends.get("length") ?? 0).toBeGreaterThan(REQUESTS / 2)
  expect(tiny.model.activity()).toMatchObject({ streams: 0, queued: 0 })
  // The process is the one that it was, and every sequence can still be had at once.
  expect(tiny.model.facts.pid).toBe(pid)
  const all = await Promise.all(
    Array.from({ length: STREAMS }, () =>
      serve({
        tokens: [20, 21, 22],
        options: { sampling: { temperature: 0 }, maxTokens: 8 },
        abortAfter: undefined,
      }),
    ),
  )
  expect(all).toHaveLength(STREAMS)
  if (memory.length > 5) {
    const growth = slope(memory)
    process.stderr.write(
      `${REQUESTS} requests: ${JSON.stringify(Object.fromEntries(ends))}, resident ${memory.at(-1)?.[1].toFixed(0)} MiB, ${growth.toFixed(2)} MiB a thousand requests\n`,
    )
    // One lost prompt a request would be 40.
    expect(growth).toBeLessThan(1)
  }
  await tiny.model.tokenize("alive", { special: false, addBos: false }, NEVER)
}, 600_000)
