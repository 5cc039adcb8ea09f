import { RERANK_LIMITS } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { createFakeApp, createFakeLibrary, fakeStored } from "./testing.ts"

const never = new AbortController().signal

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

const pooled = (type: number) =>
  createFakeLibrary([
    fakeStored({ metadata: { "llama.pooling_type": { type: "uint32", value: type, offset: 0 } } }),
  ])

describe("embed", () => {
  test("texts and token ids, with the engine's own count", async () => {
    await using world = await createFakeApp()
    const { app } = world
    const answer = await app.embed({ model: "tiny", texts: ["abc", [104, 105]] }, {}, never)
    expect(answer.vectors.map((it) => it[0])).toEqual([3, 2])
    expect(answer.promptTokens).toBe(5)
  })

  test.each([
    ["an empty text", ["a", ""], { index: 1 }],
    ["no tokens", ["a", "b", []], { index: 2 }],
    ["a token past the vocabulary", ["a", [255], [256]], { index: 2, token: 256 }],
    ["a negative token", [[-1]], { index: 0, token: -1 }],
    ["half a token", [[0], [0.5]], { index: 1, token: 0.5 }],
  ])("%s is refused by its place", async (_, texts, details) => {
    await using world = await createFakeApp()
    const { app } = world
    expect(await thrownBy(app.embed({ model: "tiny", texts }, {}, never))).toMatchObject({
      code: "bad-request",
      message: expect.stringContaining(`Input ${details.index} `),
      details,
    })
    expect(app.activity().running).toBe(0)
  })

  test("a model that scores pairs is refused by name, a model made for embeddings is loaded once", async () => {
    await using ranking = await createFakeApp({ library: pooled(4) })
    const texts = ["a"]
    expect(await thrownBy(ranking.app.embed({ model: "tiny", texts }, {}, never))).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("tiny:latest"),
    })
    expect(ranking.engine.loads).toEqual([])
    await using pooling = await createFakeApp({ library: pooled(1) })
    await pooling.app.load({ model: "tiny" }, {}, never)
    await pooling.app.embed({ model: "tiny", texts }, {}, never)
    expect(pooling.engine.loads).toHaveLength(1)
  })
})

describe("rerank", () => {
  const VECTORS: Readonly<Record<string, readonly number[]>> = {
    cat: [1, 0],
    kitten: [0.8, 0.6],
    bank: [0, 3],
    dog: [-2, 0],
    nothing: [0, 0],
  }

  test("scores are cosines, in the order of the documents", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    engine.vectorOf = (text) => Float32Array.from(VECTORS[text] ?? [])
    const documents = ["bank", "kitten", "cat", "dog", "nothing"]
    const answer = await app.rerank({ model: "tiny", query: "cat", documents }, {}, never)
    expect(answer).toMatchObject({ model: "tiny:latest", promptTokens: 26 })
    expect(answer.scores.map((score) => Number(score.toFixed(6)))).toEqual([0, 0.8, 1, -1, 0])
    expect(engine.loads[0]?.plan.embeddings).toBe(true)
  })

  test("bounds: as many documents as the limit and not one more, none empty", async () => {
    await using world = await createFakeApp()
    const { app } = world
    const rank = (query: string, documents: readonly string[]) =>
      thrownBy(app.rerank({ model: "tiny", query, documents }, {}, never))
    const many = (count: number) => Array.from({ length: count }, () => "a")
    expect(await rank("q", many(RERANK_LIMITS.documents))).toBeUndefined()
    expect(await rank("q", many(RERANK_LIMITS.documents + 1))).toMatchObject({ code: "bad-request" })
    expect(await rank("q", [])).toMatchObject({ code: "bad-request" })
    expect(await rank("", ["a"])).toMatchObject({ code: "bad-request" })
    expect(await rank("q", ["a", ""])).toMatchObject({ code: "bad-request", details: { index: 1 } })
  })
})
