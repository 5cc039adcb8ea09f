import { expect, test } from "vitest"
import { NextStep } from "./next-step.ts"

interface Stream {
  promptRows: number
  readonly adapterKey: string
  deficit: number
  readonly sequence: { readonly id: number }
}

const stream = (promptRows = 0, { adapterKey = "", id = 0 } = {}): Stream => ({
  promptRows,
  adapterKey,
  deficit: 0,
  sequence: { id },
})

function nextOf(streams: readonly Stream[], batchMs = 1_500) {
  const next = new NextStep<Stream>({
    context: { rowCapacity: 512, share: null },
    pace: { msPerRow: 1 },
    timed: { batchMs },
  })
  return { next, plan: next.choose(streams, streams) }
}

test("nobody who can go on: no plan", () => {
  expect(nextOf([]).plan).toBeNull()
})

test("a plan is not the next one before it is held, and not after it was released", () => {
  const streams = [stream(), stream()]
  const { next, plan } = nextOf(streams)
  expect(next.steady).toBeNull()
  if (plan !== null) next.hold(plan, streams)
  expect(next.steady?.decode).toHaveLength(2)
  next.release()
  expect(next.steady).toBeNull()
})

test("a held plan does not hold for a stream that has to compute more than its last token", () => {
  const rewound = stream()
  const streams = [stream(), rewound]
  const { next, plan } = nextOf(streams)
  if (plan !== null) next.hold(plan, streams)
  rewound.promptRows = 2
  expect(next.steady).toBeNull()
})

test("a plan with prefill is no plan for the next step, and lets none before it be", () => {
  const one = [stream()]
  const { next, plan } = nextOf(one)
  if (plan !== null) next.hold(plan, one)
  const prompt = [stream(70)]
  const later = next.choose(prompt, prompt)
  if (later !== null) next.hold(later, prompt)
  expect(later?.prefill).toHaveLength(1)
  expect(next.steady).toBeNull()
})

test("a plan without some who run is no plan for the next step", () => {
  const streams = [stream(0, { adapterKey: "a" }), stream(0, { adapterKey: "b" })]
  const { next, plan } = nextOf(streams)
  if (plan !== null) next.hold(plan, streams)
  expect(plan?.decode).toHaveLength(1)
  expect(next.steady).toBeNull()
})

test("streams of other adapters take their turn, in cells of their own prompts and decoding in turn", () => {
  const streams = [
    stream(0, { adapterKey: "a" }),
    stream(0, { adapterKey: "b" }),
    stream(100, { adapterKey: "a" }),
  ]
  const { next, plan } = nextOf(streams)
  const steps = [plan, ...Array.from({ length: 9 }, () => next.choose(streams, streams))]
  expect(
    steps.map((step) =>
      step === null
        ? ""
        : `${step.decode.map(({ adapterKey }) => adapterKey).join("")}${step.prefill.length}`,
    ),
  ).toEqual(["a0", "1", "a0", "1", "a0", "1", "a0", "1", "b0", "b0"])
})

test("prompts get no more rows than may be computed in one batch", () => {
  const rowsIn = (batchMs: number) => nextOf([stream(300), stream(400)], batchMs).plan?.prefill ?? []
  const total = (batchMs: number) => rowsIn(batchMs).reduce((sum, { rows }) => sum + rows, 0)
  expect([1_500, 200, 0].map(total)).toEqual([512, 192, 64])
})

test("rows go in the order of their sequences, whoever came first", () => {
  const idsOf = (rows: number) => {
    const plan = nextOf([4, 0, 2, 1].map((id) => stream(rows, { id }))).plan
    return [...(plan?.decode ?? []), ...(plan?.prefill ?? []).map((it) => it.stream)].map(
      ({ sequence }) => sequence.id,
    )
  }
  expect(idsOf(0)).toEqual([0, 1, 2, 4])
  expect(idsOf(70)).toEqual([0, 1, 2, 4])
})
