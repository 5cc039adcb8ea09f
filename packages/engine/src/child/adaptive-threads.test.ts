import { expect, test } from "vitest"
import { AdaptiveThreads } from "./adaptive-threads.ts"

/** Time of a step with so many threads. */
type Machine = (threads: number) => number

class World {
  now = 0
  readonly threads: AdaptiveThreads

  constructor(full: number) {
    this.threads = new AdaptiveThreads({ full, foreign: null })
  }

  /** Runs steps for so long; returns how much of the time each number of threads was in use. */
  run(durationMs: number, machine: Machine): Map<number, number> {
    const used = new Map<number, number>()
    const end = this.now + durationMs
    while (this.now < end) {
      const { threads } = this.threads
      const ms = machine(threads)
      this.now += ms
      used.set(threads, (used.get(threads) ?? 0) + ms / durationMs)
      this.threads.record({ kind: "1", durationMs: ms, work: 1 }, this.now)
    }
    return used
  }
}

const IDLE: Machine = (threads) => (threads === 1 ? 9 : 7)
const DISTURBED: Machine = (threads) => (threads === 1 ? 10 : 60)

test("all threads while nothing disturbs, but for short looks", () => {
  const used = new World(2).run(60_000, IDLE)
  expect(used.get(2)).toBeGreaterThan(0.99)
})

test("one thread after three slow steps, not before", () => {
  const world = new World(2)
  world.run(1_000, IDLE)
  const counts = Array.from({ length: 4 }, () => {
    const { threads } = world.threads
    world.run(1, DISTURBED)
    return threads
  })
  expect(counts).toEqual([2, 2, 2, 1])
})

test("a single slow step changes nothing", () => {
  const world = new World(2)
  for (let round = 0; round < 10; round++) {
    world.run(100, IDLE)
    world.run(61, DISTURBED)
  }
  expect(world.run(200, IDLE).get(2)).toBeGreaterThan(0.7)
})

test("while disturbed, one thread nearly all the time", () => {
  const world = new World(2)
  world.run(1_000, IDLE)
  expect(world.run(20_000, DISTURBED).get(1)).toBeGreaterThan(0.9)
})

test("disturbed from the start is found out too", () => {
  const world = new World(2)
  world.run(3_000, DISTURBED)
  expect(world.run(20_000, DISTURBED).get(1)).toBeGreaterThan(0.9)
})

test("all threads again soon after a disturbance ends, within eight seconds after a long one", () => {
  for (const [disturbedMs, afterMs] of [
    [1_000, 2_000],
    [60_000, 8_200],
  ] as const) {
    const world = new World(2)
    world.run(1_000, IDLE)
    world.run(disturbedMs, DISTURBED)
    world.run(afterMs, IDLE)
    expect(world.run(5_000, IDLE).get(2)).toBeGreaterThan(0.95)
  }
})

test("the longer it is disturbed, the less is lost by trying", () => {
  const world = new World(2)
  world.run(1_000, IDLE)
  world.run(30_000, DISTURBED)
  expect(world.run(30_000, DISTURBED).get(2) ?? 0).toBeLessThan(0.01)
})

test("with many processors only as many threads go as are held up", () => {
  // One foreign program among eight: it moves to the processor that is left free.
  const world = new World(8)
  const idle: Machine = (threads) => 80 / threads
  const disturbed: Machine = (threads) => (threads === 8 ? 25 : 80 / threads)
  world.run(2_000, idle)
  expect(world.run(20_000, disturbed).get(7)).toBeGreaterThan(0.9)
  world.run(9_000, idle)
  expect(world.run(10_000, idle).get(8)).toBeGreaterThan(0.95)
})

test("steps of different sizes are compared with their own kind", () => {
  const threads = new AdaptiveThreads({ full: 2, foreign: null })
  const counts: number[] = []
  for (let step = 0; step < 100; step++) {
    counts.push(threads.threads)
    threads.record(
      {
        kind: step % 2 === 0 ? "1" : "8",
        durationMs: (step % 2 === 0 ? 7 : 33) * (threads.threads === 1 ? 1.3 : 1),
        work: 1,
      },
      step * 20,
    )
  }
  expect(counts.filter((count) => count === 2).length).toBeGreaterThan(90)
})

test("slow prefill is noticed, and one step of it is a probe", () => {
  const threads = new AdaptiveThreads({ full: 2, foreign: null })
  let now = 0
  const prefill = (perRow: Machine) => {
    const ms = perRow(threads.threads)
    now += ms * 512
    threads.record({ kind: "prefill", durationMs: ms * 512, work: 512 }, now)
  }
  for (let step = 0; step < 8; step++) prefill(() => 2)
  for (let step = 0; step < 3; step++) prefill((count) => (count === 1 ? 4 : 20))
  expect(threads.threads).toBe(1)
})

test("a look at fewer takes little of a long prefill", () => {
  const threads = new AdaptiveThreads({ full: 2, foreign: null })
  let now = 0
  let fewerMs = 0
  while (now < 120_000) {
    const ms = threads.threads === 1 ? 2_000 : 1_000
    now += ms
    if (threads.threads === 1) fewerMs += ms
    threads.record({ kind: "prefill", durationMs: ms, work: 512 }, now)
  }
  expect(fewerMs).toBeGreaterThan(0)
  expect(fewerMs).toBeLessThanOrEqual(4_000)
})

test("a single thread stays one", () => {
  const world = new World(1)
  expect([...world.run(5_000, DISTURBED).keys()]).toEqual([1])
})

/** A machine that says what others take of its two processors. */
function watched(full = 2) {
  const state = { foreign: 0 }
  const threads = new AdaptiveThreads({
    full,
    foreign: { processors: full, measure: () => state.foreign, restart: () => {} },
  })
  let now = 0
  const run = (durationMs: number, machine: Machine): Map<number, number> => {
    const used = new Map<number, number>()
    const end = now + durationMs
    while (now < end) {
      threads.prepare(now)
      const count = threads.threads
      const ms = machine(count)
      now += ms
      used.set(count, (used.get(count) ?? 0) + 1)
      threads.record({ kind: "1", durationMs: ms, work: 1 }, now)
    }
    return used
  }
  return { state, threads, run }
}

test("where others take a processor before the first step, it is left to them", () => {
  const { state, run } = watched()
  state.foreign = 1
  expect([...run(20_000, DISTURBED).keys()]).toEqual([1])
})

test("one slow step is enough where the machine says why", () => {
  const { state, threads, run } = watched()
  run(1_000, IDLE)
  // Shared with one of our threads, the foreign program has half of the processor.
  state.foreign = 0.5
  run(1, DISTURBED)
  expect(threads.threads).toBe(1)
})

test("a first step that is held up is enough, though nobody knows what is usual", () => {
  const { state, threads, run } = watched()
  state.foreign = 0.5
  run(1, DISTURBED)
  expect(threads.threads).toBe(1)
})

test("more threads are not tried while others need the processor, and soon when they do not", () => {
  const { state, run } = watched()
  run(1_000, IDLE)
  state.foreign = 1
  run(1_000, DISTURBED)
  expect([...run(60_000, DISTURBED).keys()]).toEqual([1])
  state.foreign = 0
  expect([...run(5_000, IDLE).keys()]).toEqual([2])
})

test("slow steps on a quiet machine have another reason, and fewer threads are not looked at", () => {
  const { run } = watched()
  run(1_000, IDLE)
  expect([...run(10_000, (threads) => 3 * IDLE(threads)).keys()]).toEqual([2])
})

test("others who take less than a thread does are no reason to look at one less", () => {
  const { state, run } = watched()
  state.foreign = 0.28
  expect([...run(60_000, IDLE).keys()]).toEqual([2])
  state.foreign = 0.45
  expect(run(60_000, IDLE).get(1)).toBeGreaterThan(0)
  // Of eight threads one does less.
  const many = watched(8)
  many.state.foreign = 0.28
  expect(many.run(60_000, IDLE).get(7)).toBeGreaterThan(0)
})

test("of many processors as many are left as others take", () => {
  const { state, threads, run } = watched(8)
  state.foreign = 3
  run(10, () => 10)
  expect(threads.threads).toBe(4)
})

test("it is known since when fewer compute, looks at fewer among them, and that all do", () => {
  const { state, threads } = watched(4)
  expect(threads.fewerForMs(10)).toBeNull()
  state.foreign = 1
  threads.prepare(100)
  state.foreign = 2
  threads.prepare(300)
  expect(threads.threads).toBe(2)
  expect(threads.fewerForMs(350)).toBe(250)
  state.foreign = 0
  threads.prepare(400)
  expect(threads.fewerForMs(400)).toBeNull()
  const world = new World(2)
  world.run(200, IDLE)
  while (world.threads.threads === 2) world.run(1, IDLE)
  expect(world.threads.fewerForMs(world.now)).toBe(0)
  while (world.threads.threads === 1) world.run(1, IDLE)
  expect(world.threads.fewerForMs(world.now)).toBeNull()
})
