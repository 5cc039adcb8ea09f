import { expect, test } from "vitest"
import { createForeignUse, measureForeignUse, type ProcessorTime } from "./foreign-use.ts"

/** Processors whose time is set by the test. */
function machine(cpus: readonly number[], count: number) {
  const times = Array.from({ length: count }, () => ({ busyMs: 0, idleMs: 0 }))
  let ownMs = 0
  const use = createForeignUse({
    cpus,
    readProcessors: () => times.map((time): ProcessorTime => ({ ...time })),
    readOwnMs: () => ownMs,
  })
  return {
    use,
    pass(busy: readonly number[], own: number, ms: number) {
      for (const [cpu, share] of busy.entries()) {
        const time = times[cpu]
        if (time === undefined) continue
        time.busyMs += share * ms
        time.idleMs += (1 - share) * ms
      }
      ownMs += own * ms
    },
  }
}

test("what is busy and not ours is taken by others", () => {
  const { use, pass } = machine([], 2)
  expect(use.processors).toBe(2)
  expect(use.measure(0)).toBeNull()
  pass([1, 1], 1.25, 1_000)
  expect(use.measure(1_000)).toBeCloseTo(0.75)
  pass([0.5, 0], 0.5, 1_000)
  expect(use.measure(2_000)).toBeCloseTo(0)
})

test("only processors that count do", () => {
  const { use, pass } = machine([2, 3], 4)
  use.measure(0)
  pass([1, 1, 1, 0], 0, 500)
  expect(use.measure(500)).toBeCloseTo(1)
  expect(use.processors).toBe(2)
})

test("over a short time the last measurement stands", () => {
  const { use, pass } = machine([], 2)
  use.measure(0)
  pass([1, 0], 0, 1_000)
  expect(use.measure(1_000)).toBeCloseTo(1)
  pass([0, 0], 0, 100)
  expect(use.measure(1_100)).toBeCloseTo(1)
  pass([0, 0], 0, 100)
  expect(use.measure(1_200)).toBeCloseTo(0)
})

test("what was before a pause does not count", () => {
  const { use, pass } = machine([], 2)
  use.measure(0)
  pass([1, 1], 0, 5_000)
  use.restart(5_000)
  expect(use.measure(5_000)).toBeNull()
  pass([1, 0], 1, 300)
  expect(use.measure(5_300)).toBeCloseTo(0)
})

test("a system that does not say has no answer", () => {
  const use = createForeignUse({ cpus: [], readProcessors: () => [], readOwnMs: () => 0 })
  use.measure(0)
  expect(use.measure(1_000)).toBeNull()
})

test("this machine has processors that pass the time", async () => {
  const use = measureForeignUse([])
  expect(use.processors).toBeGreaterThan(0)
  use.measure(0)
  await new Promise((resolve) => setTimeout(resolve, 60))
  const foreign = use.measure(1_000)
  expect(foreign).not.toBeNull()
  expect(foreign).toBeLessThanOrEqual(use.processors)
})
