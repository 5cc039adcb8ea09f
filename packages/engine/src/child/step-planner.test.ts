import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  BLOCK_ROWS,
  chooseGroup,
  type GroupTurn,
  type PlannableStream,
  planStep,
  prefillRows,
  promptBatchRows,
} from "./step-planner.ts"

const BUDGET = {
  capacity: 512,
  prefillCapacity: 512,
  msPerRow: 2.5,
  targetMs: 300,
  ownCells: false,
  turn: "prefill",
} as const

interface TestStream extends PlannableStream {
  name: string
  promptRows: number
}

function stream(name: string, promptRows: number): TestStream {
  return { name, promptRows, adapterKey: "", deficit: 0 }
}

describe("rows of prefill", () => {
  test("a full batch when nobody waits for tokens", () => {
    expect(prefillRows({ decoding: 0, waiting: 1 }, BUDGET)).toBe(512)
    expect(prefillRows({ decoding: 0, waiting: 1 }, { ...BUDGET, msPerRow: 0 })).toBe(128)
  })

  test.each([
    { msPerRow: 0, rows: 128 },
    { msPerRow: 0.01, rows: 512 },
    { msPerRow: 1, rows: 320 },
    { msPerRow: 2.5, rows: 128 },
    { msPerRow: 100, rows: 64 },
  ])("$rows rows at $msPerRow ms a row", ({ msPerRow, rows }) => {
    expect(prefillRows({ decoding: 2, waiting: 1 }, { ...BUDGET, msPerRow })).toBe(rows)
  })
})

test("many who wait for their first word are served together beside few who wait for the next", () => {
  const rows = (decoding: number, waiting: number) => prefillRows({ decoding, waiting }, BUDGET)
  expect([rows(4, 1), rows(1, 1), rows(1, 3), rows(1, 30)]).toEqual([128, 128, 384, 512])
})

test("no batch is fuller than it can be, however it is shared out", () => {
  const streams = [stream("running", 0), ...["a", "b", "c", "d"].map((name) => stream(name, 300))]
  for (let capacity = 1; capacity < 140; capacity++) {
    const plan = planStep(streams, { ...BUDGET, capacity })
    const total = plan.decode.length + plan.prefill.reduce((sum, { rows }) => sum + rows, 0)
    expect(total).toBeLessThanOrEqual(capacity)
    expect(plan.prefill.every(({ rows }) => rows > 0)).toBe(true)
  }
})

test("decode rows come first, all of them", () => {
  const streams = [stream("a", 0), stream("long", 6_000), stream("b", 0)]
  const plan = planStep(streams, BUDGET)
  expect(plan.decode.map(({ name }) => name)).toEqual(["a", "b"])
  expect(plan.prefill).toEqual([{ stream: streams[1], rows: 128 }])
})

test("the last rows of a prompt go along, as far as the batch has room", () => {
  const last = (promptRows: number, budget = {}, others: readonly TestStream[] = []) =>
    planStep([stream("a", promptRows), ...others], { ...BUDGET, prefillCapacity: 384, ...budget }).prefill[0]
      ?.rows
  expect([393, 511, 512].map((rows) => last(rows))).toEqual([393, 511, 384])
  expect(last(511, { capacity: 500 })).toBe(384)
  // Where somebody reads, or each row takes long, only what would be less than a block.
  expect([191, 192].map((rows) => last(rows, {}, [stream("reader", 0)]))).toEqual([191, 128])
  expect([127, 128].map((rows) => last(rows, { prefillCapacity: 64 }))).toEqual([127, 64])
  expect(last(127, { prefillCapacity: 64 }, [stream("reader", 0)])).toBe(64)
})

test("short prompts are done first", () => {
  const streams = [stream("long", 6_000), stream("short", 40), stream("a", 0), stream("b", 0)]
  const plan = planStep(streams, BUDGET)
  expect(plan.prefill.map(({ stream: { name }, rows }) => [name, rows])).toEqual([
    ["short", 40],
    ["long", 64],
  ])
})

test("a prompt is cut at whole blocks, and its rest goes along", () => {
  const rowsOf = (promptRows: number, others: TestStream[]) =>
    planStep([stream("long", promptRows), ...others], BUDGET).prefill[0]?.rows
  expect(rowsOf(6_000, [])).toBe(512)
  expect(rowsOf(6_000, [stream("running", 0)])).toBe(128)
  expect([191, 192, 193].map((rows) => rowsOf(rows, [stream("running", 0)]))).toEqual([191, 128, 128])
})

test("a slow prompt beside running streams is computed by blocks, however few fit in the time of a batch", () => {
  const streams = [stream("long", 1_000), ...["a", "b", "c"].map((name) => stream(name, 0))]
  for (const ownCells of [true, false])
    expect(
      planStep(streams, { ...BUDGET, ownCells, msPerRow: 12, prefillCapacity: 64 }).prefill.map(
        ({ rows }) => rows,
      ),
    ).toEqual([64])
})

test("prompts and running streams take turns where sequences have cells of their own", () => {
  const streams = [stream("long", 6_000), stream("running", 0)]
  const own = { ...BUDGET, ownCells: true }
  expect(planStep(streams, { ...own, turn: "decode" })).toEqual({ decode: [streams[1]], prefill: [] })
  expect(planStep(streams, { ...own, turn: "prefill" })).toEqual({
    decode: [],
    prefill: [{ stream: streams[0], rows: 128 }],
  })
  // Whoever is alone need not wait for a turn.
  expect(planStep(streams.slice(1), { ...own, turn: "prefill" }).decode).toHaveLength(1)
  expect(planStep(streams.slice(0, 1), { ...own, turn: "decode" }).prefill[0]?.rows).toBe(512)
})

test("a long prompt is not starved by a stream of short ones", () => {
  const long = stream("long", 2_000)
  const running = stream("running", 0)
  let steps = 0
  while (long.promptRows > 0 && steps < 200) {
    // New short prompts in every step, enough to fill the budget alone.
    const plan = planStep([long, stream("x", 120), stream("y", 120), running], BUDGET)
    for (const { stream: served, rows } of plan.prefill) served.promptRows -= rows
    steps += 1
  }
  // A third of the budget is its share: 2,000 rows in about 47 steps.
  expect(steps).toBeLessThan(70)
})

test("what a plan promises", () => {
  const prompts = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(
      prompts,
      fc.integer({ min: 64, max: 512 }),
      fc.double({ min: 0, max: 50, noNaN: true }),
      fc.boolean(),
      fc.constantFrom("decode" as const, "prefill" as const),
      (rows, capacity, msPerRow, ownCells, turn) => {
        const streams = rows.map((promptRows, index) => stream(String(index), promptRows))
        const plan = planStep(streams, {
          capacity,
          prefillCapacity: capacity - (capacity % 64),
          msPerRow,
          targetMs: 300,
          ownCells,
          turn,
        })
        const total = plan.decode.length + plan.prefill.reduce((sum, { rows: taken }) => sum + taken, 0)
        expect(total).toBeLessThanOrEqual(capacity)
        expect(total).toBeGreaterThan(0)
        const running = streams.filter(({ promptRows }) => promptRows === 0)
        const skipsDecode = ownCells && turn === "prefill" && running.length < streams.length
        expect(plan.decode).toEqual(skipsDecode ? [] : running.slice(0, capacity))
        for (const { stream: served, rows: taken } of plan.prefill) {
          expect(taken).toBeGreaterThan(0)
          expect(taken).toBeLessThanOrEqual(served.promptRows)
          // Cut at blocks, or whole, or alone in what the batch has room for.
          expect(taken % 64 === 0 || taken === served.promptRows || plan.prefill.length === 1).toBe(true)
        }
      },
    ),
  )
})

describe("groups of adapters", () => {
  test("one group keeps its turn", () => {
    let turn: GroupTurn | null = null
    for (let step = 0; step < 10; step++) turn = chooseGroup({ keys: ["x", "x"] }, turn)
    expect(turn?.key).toBe("x")
  })

  test("several groups have turns of eight steps", () => {
    const keys: string[] = []
    let turn: GroupTurn | null = null
    for (let step = 0; step < 24; step++) {
      turn = chooseGroup({ keys: ["x", "y", "x", "z"] }, turn)
      keys.push(turn?.key ?? "")
    }
    expect(keys.join("")).toBe("xxxxxxxxyyyyyyyyzzzzzzzz")
  })

  test("a group that stands still in its turn takes nobody else's", () => {
    const present = ["a", "slow", "c"]
    const served: string[] = []
    let turn: GroupTurn | null = null
    for (let step = 0; step < 30; step++) {
      // Its reader takes one token and then none until others have had theirs.
      const keys: string[] = turn?.key === "slow" ? ["a", "c"] : present
      turn = chooseGroup({ keys, present }, turn)
      served.push(turn?.key ?? "")
    }
    expect(served.filter((key) => key === "c").length).toBeGreaterThan(10)
  })

  test("a group that has nothing to do loses its turn", () => {
    expect(chooseGroup({ keys: ["y"] }, { key: "x", steps: 1 })).toEqual({ key: "y", steps: 1 })
    expect(chooseGroup({ keys: [] }, { key: "x", steps: 1 })).toBeNull()
  })
})

describe("batches of one prompt alone", () => {
  test.each([
    [100, 0, 1_500, 100],
    [1_000, 0, 1_500, 128],
    [1_000, 0.1, 1_500, 512],
    [512, 0.1, 1_500, 512],
    [1_000, 7.5, 1_500, 192],
    [1_000, 1.5, 400, 256],
    // 128 rows at least, and no rest of less than 64.
    [1_000, 900, 1_500, 128],
    [1_000, 1.5, 0, 128],
    [150, 900, 1_500, 64],
    [300, 5.8, 1_500, 192],
  ])("%i tokens at %d ms a row within %i ms: %i rows", (remaining, msPerRow, batchMs, rows) => {
    expect(promptBatchRows(remaining, { msPerRow, batchMs, capacity: 512 })).toBe(rows)
  })

  test("whole blocks to the end that the context has room for, and the last one has no less than a block", () => {
    const rows = fc.integer({ min: 1, max: 5_000 })
    const blocks = fc.integer({ min: 2, max: 8 })
    fc.assert(
      fc.property(rows, fc.double({ min: 0, max: 30, noNaN: true }), blocks, (tokens, msPerRow, room) => {
        const capacity = room * BLOCK_ROWS
        const batches: number[] = []
        for (let left = tokens; left > 0; left -= batches.at(-1) ?? left)
          batches.push(promptBatchRows(left, { msPerRow, batchMs: 1_500, capacity }))
        const last = batches.pop() ?? 0
        expect(batches.every((count) => count % BLOCK_ROWS === 0 && count <= capacity)).toBe(true)
        expect(last).toBeLessThanOrEqual(capacity)
        expect(last).toBeGreaterThanOrEqual(Math.min(tokens, BLOCK_ROWS))
      }),
    )
  })

  test.each([1, 32, 64])("a context with room for no more than %i rows gets as many", (capacity) => {
    for (const remaining of [capacity, capacity + 1, 1_000])
      expect(promptBatchRows(remaining, { msPerRow: 2, batchMs: 1_500, capacity })).toBe(capacity)
  })
})
