// Which copies are kept, under which names, and how to go back: on an engine whose speeds and scores are written here.
import type { TokenScores } from "@fireside/engine"
import { createFakeClock } from "@fireside/host/testing"
import type { JobEvent } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import type { PreparableEngine } from "../parts.ts"
import {
  createFakeEngine,
  createFakeLibrary,
  createFakeParts,
  createFakeRegistry,
  fakeStored,
} from "../testing.ts"
import { convertBack, convertModel } from "./convert-model.ts"

const never = new AbortController().signal

interface Copy {
  readonly gain: number
  /** Of the likeliest of two tokens; the original gives it 0.9. */
  readonly likeliest: number
}

function open({ gain, likeliest }: Copy) {
  const library = createFakeLibrary([fakeStored({ name: "tiny:1m" })])
  const fake = createFakeEngine()
  const scoresOf = (first: number): TokenScores => ({
    kept: 2,
    ids: Int32Array.of(1, 2),
    logProbabilities: Float32Array.of(Math.log(first), Math.log(1 - first)),
  })
  const engine: PreparableEngine = {
    async load(file, plan, signal) {
      const model = await fake.load(file, plan, signal)
      const isCopy = file.path.includes("q8_0") || file.path.includes("mine")
      const speed = isCopy ? 100 * gain : 100
      return Object.assign(Object.create(model) as typeof model, {
        benchmark: async () => ({
          prefillTokensPerSecond: speed,
          decodeTokensPerSecond: speed,
          durationMs: 1,
        }),
        score: async () => scoresOf(isCopy ? likeliest : 0.9),
      })
    },
  }
  const registry = createFakeRegistry()
  const parts = {
    ...createFakeParts({ clock: createFakeClock(), home: "/nowhere", library, registry }),
    engine: async () => engine,
  }
  const names = (): readonly string[] => [...library.models.keys()].sort()
  const convert = async (more: { readonly name?: string; readonly force?: boolean } = {}) => {
    const events: JobEvent[] = []
    for await (const event of convertModel(parts, { model: "tiny:1m", to: "q8_0", ...more }, never))
      events.push(event)
    return events
  }
  return { parts, registry, library, names, convert }
}

const GOOD = { gain: 2, likeliest: 0.9 }

describe("a faster copy that says the same", () => {
  test("takes the name, and the original is kept and comes back", async () => {
    const { parts, library, names, convert } = open(GOOD)
    const events = await convert()
    expect(events.at(-1)).toEqual({ type: "finish", name: "tiny:1m", digest: `sha256:${"c".repeat(64)}` })
    expect(names()).toEqual(["tiny:1m", "tiny:1m-original"])
    expect((await library.resolve("tiny:1m")).summary.digest).toBe(`sha256:${"c".repeat(64)}`)
    expect(await convertBack(parts, "tiny:1m")).toEqual({ name: "tiny:1m" })
    expect(names()).toEqual(["tiny:1m"])
    expect((await library.resolve("tiny:1m")).summary.digest).toBe(`sha256:${"a".repeat(64)}`)
  })

  test("with a name of its own leaves the model its own", async () => {
    const { names, convert } = open(GOOD)
    expect((await convert({ name: "mine:v1" })).at(-1)).toMatchObject({ name: "mine:v1" })
    expect(names()).toEqual(["mine:v1", "tiny:1m"])
  })

  test("tells gain, sizes and KL", async () => {
    const events = await open(GOOD).convert()
    const told = events.flatMap((event) => (event.type === "notice" ? [event.message] : []))
    expect(told[0]).toContain("prompts 2.00×, answers 2.00× as fast; 1 MB before, 1 MB after; KL 0.00000")
  })
})

describe("what is not kept", () => {
  const bad = { slower: { gain: 0.9, likeliest: 0.9 }, damaged: { gain: 2, likeliest: 0.5 } }

  test.each(Object.entries(bad))("a %s copy, unless it is forced", async (_, copy) => {
    const refused = open(copy)
    await expect(refused.convert()).rejects.toMatchObject({ code: "worse-copy" })
    expect(refused.names()).toEqual(["tiny:1m"])
    const forced = open(copy)
    await forced.convert({ force: true })
    expect(forced.names()).toEqual(["tiny:1m", "tiny:1m-original"])
  })

  test("going back without an original is told", async () => {
    await expect(convertBack(open(GOOD).parts, "tiny:1m")).rejects.toMatchObject({ code: "not-found" })
  })
})
