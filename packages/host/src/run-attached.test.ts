import { expect, test } from "vitest"
import { runAttached } from "./run-attached.ts"

const never = new AbortController().signal
const run = (source: string, environment = {}, signal = never) =>
  runAttached({ program: process.execPath, args: ["-e", source], environment }, signal)

test("its exit code is the program's, with the environment it was given and no other", async () => {
  expect(await run("process.exit(7)")).toBe(7)
  const source = "process.exit(Object.keys(process.env).join() === 'ONLY' ? 0 : 1)"
  expect(await run(source, { ONLY: "this" })).toBe(0)
})

test("a program that a signal ended", async () => {
  expect(await run("process.kill(process.pid, 'SIGKILL')")).toBe(137)
})

test("an aborted signal asks it to end, and its own end counts", async () => {
  const stop = new AbortController()
  const source = `
    process.on("SIGTERM", () => process.exit(5))
    setInterval(() => {}, 1_000)
    process.kill(process.ppid, "SIGUSR2")`
  // The child says that it listens; nothing else here can be heard, its output being the terminal's.
  process.once("SIGUSR2", () => stop.abort())
  expect(await run(source, {}, stop.signal)).toBe(5)
})

test("a program that there is not", async () => {
  const missing = { program: "fireside-no-such-program", args: [], environment: { PATH: "/nowhere" } }
  expect(await runAttached(missing, never)).toBeUndefined()
})
