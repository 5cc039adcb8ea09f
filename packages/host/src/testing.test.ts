import { existsSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { SYSTEM_CLOCK } from "./clock.ts"
import { createFakeChild, createFakeClock, createMemoryLog, createTemporaryHome } from "./testing.ts"

describe("the fake clock", () => {
  test("runs timers when they are due, in their order, also those that timers set", () => {
    const clock = createFakeClock(1_000)
    const ran: string[] = []
    clock.setTimer(20, () => ran.push(`b at ${clock.monotonic()}`))
    clock.setTimer(10, () => {
      ran.push(`a at ${clock.monotonic()}`)
      clock.setTimer(5, () => ran.push(`c at ${clock.monotonic()}`))
    })
    clock.setTimer(10, () => ran.push("never")).cancel()
    clock.advance(9)
    expect(ran).toEqual([])
    clock.advance(11)
    expect(ran).toEqual(["a at 10", "c at 15", "b at 20"])
    expect([clock.now(), clock.monotonic(), clock.pendingTimers()]).toEqual([1_020, 20, 0])
  })

  test("a change of the wall clock does not move durations", () => {
    const clock = createFakeClock(1_000)
    clock.setWallClock(-5)
    clock.advance(1)
    expect([clock.now(), clock.monotonic()]).toEqual([-4, 1])
  })
})

test("the system's clock runs a timer once, and not when it was cancelled", async () => {
  const ran: string[] = []
  SYSTEM_CLOCK.setTimer(0, () => ran.push("cancelled")).cancel()
  const keepAlive = setTimeout(() => {}, 10_000)
  await new Promise<void>((settle) => SYSTEM_CLOCK.setTimer(1, settle))
  clearTimeout(keepAlive)
  expect(ran).toEqual([])
  expect(SYSTEM_CLOCK.monotonic()).toBeGreaterThan(0)
  expect(Math.abs(SYSTEM_CLOCK.now() - Date.now())).toBeLessThan(60_000)
})

test("the log in memory keeps carried fields", () => {
  const log = createMemoryLog()
  log.with({ job: 1 }).with({ request: 2 }).info("x", { job: 3 })
  log.error("y")
  expect(log.lines).toEqual([
    { level: "info", message: "x", fields: { job: 3, request: 2 } },
    { level: "error", message: "y", fields: {} },
  ])
})

test("the temporary home goes away", async () => {
  const home = await createTemporaryHome()
  expect(existsSync(home.paths.blobs)).toBe(true)
  await home[Symbol.asyncDispose]()
  expect(existsSync(home.paths.home)).toBe(false)
})

test("the fake child behaves as its script says, and ends once", async () => {
  const child = createFakeChild({ onReceive: (message, self) => self.emit({ echo: message }) })
  const heard: unknown[] = []
  child.onMessage((message) => heard.push(message))
  child.onErrorLine((line) => heard.push(line))
  const sent = { list: [1] }
  expect(child.send(sent)).toBe(true)
  sent.list.push(2)
  child.emitErrorLine("oops")
  child.pipe(0).write("bytes")
  child.kill("SIGKILL")
  child.exit({ code: 0, signal: null })
  expect(heard).toEqual([{ echo: { list: [1] } }, "oops"])
  expect(child.received).toEqual([{ list: [1] }])
  expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" })
  expect(child.send("late")).toBe(false)
  expect(child.written(0).toString()).toBe("bytes")
})
