import { spawn } from "node:child_process"
import { once } from "node:events"
import { expect, test } from "vitest"
import { processMemory, residentMemory } from "./process-memory.ts"
import { processorsUsed } from "./processor-use.ts"

const isLinux = process.platform === "linux"

test.skipIf(!isLinux)("counts a process with what it started (needs /proc)", async () => {
  const [alone, quickAlone] = [await processMemory(process.pid), await residentMemory(process.pid)]
  const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1e6)"])
  try {
    await once(child.stdout, "data")
    const one = await processMemory(child.pid ?? 0)
    const both = await processMemory(process.pid)
    const [quickOne, quickBoth] = [await residentMemory(child.pid ?? 0), await residentMemory(process.pid)]
    expect(one.proportionalBytes).toBeGreaterThan(5e6)
    expect(one.residentBytes).toBeGreaterThanOrEqual(one.proportionalBytes ?? 0)
    expect((both.residentBytes ?? 0) - (alone.residentBytes ?? 0)).toBeGreaterThan(5e6)
    // The counters are kept for each processor and added up now and then.
    expect(Math.abs((quickOne ?? 0) / (one.residentBytes ?? 1) - 1)).toBeLessThan(0.1)
    expect((quickBoth ?? 0) - (quickAlone ?? 0)).toBeGreaterThan(5e6)
  } finally {
    child.kill()
    await once(child, "exit")
  }
})

test("of a process that is gone nothing is known", async () => {
  expect(await processMemory(2 ** 30)).toEqual({ residentBytes: null, proportionalBytes: null })
  expect(await residentMemory(2 ** 30)).toBeNull()
})

test("two looks at once show nothing, and counters that went back no negative use", () => {
  const look = { busyMs: 100, wholeMs: 1_000 }
  expect(processorsUsed(look, look)).toBe(0)
  expect(processorsUsed(look, { busyMs: 50, wholeMs: 2_000 })).toBe(0)
  expect(processorsUsed(look, { busyMs: 200, wholeMs: 2_000 })).toBeGreaterThan(0)
})
