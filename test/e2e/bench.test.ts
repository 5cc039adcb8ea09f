// `fireside bench` with the real engine on a real model: in its own process, then through a running server, and the history of both.
import { join } from "node:path"
import { BenchReport, z } from "@fireside/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createFireside, type Ended, type Fireside } from "./fireside.ts"
import { startServing } from "./serve-process.ts"

const CACHE = process.env.FIRESIDE_TEST_CACHE
const MODEL = "smollm2:135m"
const BENCH = ["bench", MODEL, "--quick", "--rounds", "1"]

const reportOf = ({ out }: Ended): BenchReport => BenchReport.parse(JSON.parse(out))

/** Without real weights (FIRESIDE_TEST_CACHE unset) there is nothing to measure; `npm test` says that it ran without. */
describe.skipIf(CACHE === undefined)("bench (needs FIRESIDE_TEST_CACHE)", () => {
  let fireside: Fireside
  beforeAll(async () => {
    fireside = await createFireside()
    const file = join(CACHE ?? "", "smollm2.gguf")
    expect(await fireside.call(["import", file, "--name", MODEL])).toMatchObject({ exitCode: 0 })
  })
  afterAll(async () => {
    await fireside[Symbol.asyncDispose]()
  })

  test("a run in its own process, one through the server, and both in the history", async () => {
    const here = await fireside.call([...BENCH, "--json"])
    expect(here).toMatchObject({ exitCode: 0, err: "" })
    const first = reportOf(here)
    expect(first).toMatchObject({
      model: MODEL,
      quantization: "Q4_1",
      isQuick: true,
      rounds: 1,
      previous: null,
    })
    // Weights of 98 MB, less what no token reads; each answer has its length.
    expect(first.limit?.weightsBytes).toBeGreaterThan(80e6)
    expect(first.limit?.weightsBytes).toBeLessThan(100e6)
    expect(Object.values(first.figures).filter((figure) => figure === null)).toEqual([])
    if (process.platform === "linux") expect(first.memory.proportionalBytes).toBeGreaterThan(80e6)

    await using serving = await startServing(fireside)
    const there = await fireside.call(BENCH)
    expect(there).toMatchObject({ exitCode: 0 })
    expect(there.out).toContain("tok/s")
    expect(there.out).toMatch(/Since the run of|As in the run of/)
    expect(await serving.enginePid()).toBeUndefined()

    const history = z
      .array(BenchReport)
      .parse(JSON.parse((await fireside.call(["bench", "--history", "--json"])).out))
    expect(history.map(({ id }) => id)).toEqual([expect.any(String), first.id])
    expect(history[0]?.previous?.id).toBe(first.id)
    const answer = await serving.get("/api/fireside/v1/bench?model=smollm2:135m")
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual(history)
  })
})
