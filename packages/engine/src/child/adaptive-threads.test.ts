import { expect, test } from "vitest"
import { AdaptiveThreads } from "./adaptive-threads.ts"

interface World {
  now: number
  readonly threads: AdaptiveThreads
}

/** Runs steps whose time depends on the number of threads; returns the count used by each. */
function run(world: World, steps: number, times: { full: number; single: number }): number[] {
  return Array.from({ length: steps }, () => {
    const { threads } = world.threads
    const ms = threads === 1 ? times.single : times.full
    world.now += ms
    world.threads.record(1, ms, world.now)
    return threads
  })
}

const IDLE = { full: 7, single: 9 }
const DISTURBED = { full: 60, single: 10 }

test("all threads while nothing disturbs", () => {
  const world = { now: 0, threads: new AdaptiveThreads(2) }
  expect(new Set(run(world, 500, IDLE))).toEqual(new Set([2]))
})

test("one thread after three slow steps, not before", () => {
  const world = { now: 0, threads: new AdaptiveThreads(4) }
  run(world, 20, IDLE)
  expect(run(world, 4, DISTURBED)).toEqual([4, 4, 4, 1])
})

test("a single slow step changes nothing", () => {
  const world = { now: 0, threads: new AdaptiveThreads(2) }
  for (let round = 0; round < 10; round++) {
    run(world, 10, IDLE)
    run(world, 2, DISTURBED)
  }
  expect(world.threads.threads).toBe(2)
})

test("while disturbed it looks again each second, briefly", () => {
  const world = { now: 0, threads: new AdaptiveThreads(2) }
  run(world, 20, IDLE)
  const used = run(world, 1_000, DISTURBED)
  const full = used.filter((threads) => threads === 2).length
  // About ten seconds: three steps to notice, then one step of each probe.
  expect(full).toBeGreaterThan(8)
  expect(full).toBeLessThan(20)
})

test("all threads again within two seconds when the disturbance ends", () => {
  const world = { now: 0, threads: new AdaptiveThreads(2) }
  run(world, 20, IDLE)
  run(world, 300, DISTURBED)
  const before = world.now
  while (world.threads.threads === 1 && world.now < before + 5_000) run(world, 1, IDLE)
  run(world, 10, IDLE)
  expect(world.threads.threads).toBe(2)
  expect(world.now - before).toBeLessThan(2_000)
})

test("steps of different sizes are compared with their own kind", () => {
  const threads = new AdaptiveThreads(2)
  for (let step = 0; step < 100; step++) {
    threads.record(1, 7, step * 40)
    threads.record(8, 33, step * 40 + 33)
  }
  expect(threads.threads).toBe(2)
})
