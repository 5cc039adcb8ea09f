import { expect, test } from "vitest"
import { runScenario } from "./run-scenario.ts"
import type { Comparison, Contestant } from "./scenario.ts"

const options = (rounds: number, notes: string[] = []) => ({
  scenario: { id: "S0", title: "a test" },
  rounds,
  now: () => 0,
  note: (text: string) => notes.push(text),
  foreignUse: () => Promise.resolve(0.25),
})
const prepared = (contestants: readonly Contestant[], comparisons: readonly Comparison[]) => ({
  contestants,
  comparisons,
  [Symbol.asyncDispose]: () => Promise.resolve(),
})
const speed: Comparison = {
  title: "decode",
  metric: "rate",
  unit: "tok/s",
  subject: "ours",
  against: "peer",
  better: "higher",
  goal: 0.95,
}

test("contestants take turns, and ratios are those of their rounds", async () => {
  const turns: string[] = []
  const contestant = (name: string, values: number[]): Contestant => ({
    name,
    description: name,
    measure: () => {
      turns.push(name)
      return Promise.resolve({ rate: values.shift() ?? Number.NaN })
    },
  })
  const notes: string[] = []
  const result = await runScenario(
    prepared([contestant("ours", [10, 90, 20]), contestant("peer", [10, 100, 40])], [speed]),
    options(3, notes),
    new AbortController().signal,
  )
  expect(turns).toEqual(["ours", "peer", "ours", "peer", "ours", "peer"])
  expect(result.comparisons[0]).toMatchObject({
    ratio: { median: 0.9, minimum: 0.5, maximum: 1, count: 3 },
    subjectSummary: { median: 20 },
    againstSummary: { median: 40 },
    met: false,
  })
  expect(result.contestants[0]?.metrics).toEqual({ rate: [10, 90, 20] })
  expect(result.foreignUse).toMatchObject({ median: 0.25, count: 6 })
  expect(notes).toHaveLength(6)
})

test("a measurement waits until the one before it has come to rest, and no longer than some looks", async () => {
  const uses = [0.6, 0.5, 0.02]
  const spinning = { ...options(1), foreignUse: () => Promise.resolve(uses.shift() ?? 0.7) }
  const same: Contestant = { name: "ours", description: "", measure: () => Promise.resolve({ rate: 1 }) }
  const result = await runScenario(
    prepared([same, { ...same, name: "peer" }], [speed]),
    spinning,
    new AbortController().signal,
  )
  expect(result.foreignUse).toMatchObject({ minimum: 0.02, maximum: 0.7, count: 2 })
})

test("a goal is judged by the median; without one nothing is judged", async () => {
  const same: Contestant = { name: "ours", description: "", measure: () => Promise.resolve({ rate: 1 }) }
  const { goal: _, ...aimless } = speed
  const result = await runScenario(
    prepared([same, { ...same, name: "peer" }], [speed, aimless]),
    options(1),
    new AbortController().signal,
  )
  expect(result.comparisons.map(({ met }) => met)).toEqual([true, undefined])
})

test("no number, no comparison", async () => {
  const broken: Contestant = {
    name: "ours",
    description: "",
    measure: () => Promise.resolve({ rate: Number.NaN }),
  }
  const run = (contestants: Contestant[]) =>
    runScenario(prepared(contestants, [speed]), options(1), new AbortController().signal)
  await expect(run([broken])).rejects.toThrow("ours measured no number for rate")
  await expect(run([{ ...broken, measure: () => Promise.resolve({ rate: 1 }) }])).rejects.toThrow(
    "peer measured no rate",
  )
})

test("stops between measurements when asked to", async () => {
  const stop = new AbortController()
  const contestant: Contestant = {
    name: "ours",
    description: "",
    measure: () => {
      stop.abort(new Error("enough"))
      return Promise.resolve({ rate: 1 })
    },
  }
  await expect(runScenario(prepared([contestant], []), options(5), stop.signal)).rejects.toThrow("enough")
})
