import { expect, test } from "vitest"
import { keepBusy } from "./foreign-load.ts"

test("the busy process is running until it is closed, and gone afterwards", async () => {
  const load = await keepBusy(0, new AbortController().signal)
  expect(isAlive(load.pid)).toBe(true)
  await load[Symbol.asyncDispose]()
  expect(isAlive(load.pid)).toBe(false)
})

test("an abort ends it too", async () => {
  const stop = new AbortController()
  const load = await keepBusy(0, stop.signal)
  stop.abort()
  await load[Symbol.asyncDispose]()
  expect(isAlive(load.pid)).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
