import { expect, test } from "vitest"
import { StepPlanning } from "./step-planning.ts"

interface Stream {
  promptRows: number
  readonly adapterKey: string
  deficit: number
}

const stream = (promptRows = 0, adapterKey = ""): Stream => ({ promptRows, adapterKey, deficit: 0 })

function planningOf(streams: readonly Stream[]) {
  const planning = new StepPlanning<Stream>({
    context: { rowCapacity: 512, share: null },
    pace: { msPerRow: 1 },
  })
  return { planning, plan: planning.choose(streams, streams) }
}

test("nobody who can go on: no plan", () => {
  expect(planningOf([]).plan).toBeNull()
})

test("a plan is not the next one before it is held, and not after it was released", () => {
  const { planning, plan } = planningOf([stream(), stream()])
  expect(planning.steady).toBeNull()
  if (plan !== null) planning.hold(plan)
  expect(planning.steady?.decode).toHaveLength(2)
  planning.release()
  expect(planning.steady).toBeNull()
})

test("a held plan does not hold for a stream that has to compute more than its last token", () => {
  const rewound = stream()
  const { planning, plan } = planningOf([stream(), rewound])
  if (plan !== null) planning.hold(plan)
  rewound.promptRows = 2
  expect(planning.steady).toBeNull()
})

test("a plan with prefill is no plan for the next step, and lets none before it be", () => {
  const { planning, plan } = planningOf([stream()])
  if (plan !== null) planning.hold(plan)
  const prompt = [stream(70)]
  const next = planning.choose(prompt, prompt)
  if (next !== null) planning.hold(next)
  expect(next?.prefill).toHaveLength(1)
  expect(planning.steady).toBeNull()
})

test("streams of other adapters take their turn, in cells of their own prompts and decoding in turn", () => {
  const streams = [stream(0, "a"), stream(0, "b"), stream(100, "a")]
  const { planning, plan } = planningOf(streams)
  const steps = [plan, ...Array.from({ length: 9 }, () => planning.choose(streams, streams))]
  expect(
    steps.map((step) =>
      step === null
        ? ""
        : `${step.decode.map(({ adapterKey }) => adapterKey).join("")}${step.prefill.length}`,
    ),
  ).toEqual(["a0", "1", "a0", "1", "a0", "1", "a0", "1", "b0", "b0"])
})
