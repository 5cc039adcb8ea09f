// A converted copy of real weights, as a person makes one: measured, refused when it says other things, kept when told to, and undone.
import { stat } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createFireside, type Fireside } from "./fireside.ts"

const CACHE = process.env.FIRESIDE_TEST_CACHE
const NAME = "smollm2:135m"

interface Listed {
  readonly name: string
  readonly sizeBytes: number
}

/** Without real weights (FIRESIDE_TEST_CACHE unset) there is nothing to convert; `npm test` says that it ran without. */
describe.skipIf(CACHE === undefined)("SmolLM2-135M in Q4_1 (needs FIRESIDE_TEST_CACHE)", () => {
  let fireside: Fireside
  beforeAll(async () => {
    fireside = await createFireside()
    const file = join(CACHE ?? "", "smollm2.gguf")
    await stat(file)
    expect(await fireside.call(["import", file, "--name", NAME])).toMatchObject({ exitCode: 0 })
  })
  afterAll(() => fireside?.[Symbol.asyncDispose]())

  const list = async () => JSON.parse((await fireside.call(["list", "--json"])).out) as readonly Listed[]
  const sizes = async () => Object.fromEntries((await list()).map(({ name, sizeBytes }) => [name, sizeBytes]))

  test("a copy that says other things is not kept, and the numbers say why", async () => {
    const before = await sizes()
    const { exitCode, err } = await fireside.call(["convert", NAME, "--to", "q4_0"])
    expect(exitCode).not.toBe(0)
    const [, kl] = /says other things than its original \(KL ([\d.]+), at most 0\.01\)/.exec(err) ?? []
    expect(Number(kl)).toBeGreaterThan(0.05)
    expect(err).toMatch(/prompts [\d.]+×, answers [\d.]+× as fast; 98 MB before, 92 MB after/)
    expect(await sizes()).toEqual(before)
  })

  test("a copy that was asked for takes the name, answers alike, and goes again", async () => {
    const [before] = await list()
    const { exitCode, err } = await fireside.call(["convert", NAME, "--to", "q8_0", "--force"])
    expect(exitCode, err).toBe(0)
    const [, kl] = /KL ([\d.]+)/.exec(err) ?? []
    expect(Number(kl)).toBeLessThan(0.01)
    const both = await sizes()
    expect(both[`${NAME}-original`]).toBe(before?.sizeBytes)
    expect(both[NAME]).toBeGreaterThan(1.3 * (before?.sizeBytes ?? Number.NaN))

    const question = "What is the capital of France? Answer in one sentence."
    const answer = await fireside.call(["run", NAME, question, "--temperature", "0"])
    expect(answer.out).toContain("Paris")

    expect(await fireside.call(["convert", NAME, "--back"])).toMatchObject({ exitCode: 0 })
    expect(await sizes()).toEqual({ [NAME]: before?.sizeBytes })
  })

  test("what cannot be undone or made is refused by name", async () => {
    expect((await fireside.call(["convert", NAME, "--back"])).err).toContain(`there is no ${NAME}-original`)
    const unknown = await fireside.call(["convert", NAME, "--to", "q9_9"])
    expect(unknown.exitCode).not.toBe(0)
    expect(unknown.err).toContain("q9_9")
  })
})
