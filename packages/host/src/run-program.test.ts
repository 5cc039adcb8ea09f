import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { processIdentity } from "./process-identity.ts"
import { runProgram } from "./run-program.ts"
import { createTemporaryHome, type TemporaryHome } from "./testing.ts"

let home: TemporaryHome
beforeEach(async () => {
  home = await createTemporaryHome()
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
})

const never = new AbortController().signal
const run = (
  source: string,
  options: { args?: string[]; onLine?: (line: string) => void } = {},
  signal = never,
) =>
  runProgram(
    {
      command: [process.execPath, "-e", source],
      args: options.args ?? [],
      folder: home.paths.cache,
      environment: { ONLY: "this" },
      ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    },
    signal,
  )

test("arguments come as they are, no shell sees them; the environment and the folder are what was given", async () => {
  const source =
    "console.log(JSON.stringify([process.argv.slice(1), Object.keys(process.env), process.cwd()]))"
  const end = await run(source, { args: ["$(touch pwned)", "; ls", "a b"] })
  expect(JSON.parse(end?.output ?? "")).toEqual([
    ["$(touch pwned)", "; ls", "a b"],
    ["ONLY"],
    home.paths.cache,
  ])
})

test("code and errors of one that fails", async () => {
  expect(await run("console.error('why'); process.exit(3)")).toEqual({ code: 3, output: "", errors: "why\n" })
  expect((await run("process.kill(process.pid, 'SIGKILL')"))?.code).toBeNull()
})

test("a program that there is not is undefined", async () => {
  const missing = {
    command: ["fireside-no-such-program"],
    args: [],
    folder: home.paths.cache,
    environment: {},
  }
  expect(await runProgram(missing, never)).toBeUndefined()
})

test("lines come as they are written, whatever ends them", async () => {
  const lines: string[] = []
  await run("process.stdout.write('one\\rtwo\\r\\nthree\\nrest')", { onLine: (line) => lines.push(line) })
  expect(lines).toEqual(["one", "two", "three"])
})

test("the beginning of the output and the end of the errors are kept, at their bounds", async () => {
  const end = await run(
    "process.stdout.write('a'.repeat(262144) + 'b'); process.stderr.write('b' + 'a'.repeat(16384))",
  )
  expect(end?.output).toBe("a".repeat(262_144))
  expect(end?.errors).toBe("a".repeat(16_384))
})

describe("stopping", () => {
  test("ends the program and what it started, and rejects with the reason", async () => {
    const stop = new AbortController()
    const pids: number[] = []
    const running = run(
      `const { spawn } = require("node:child_process")
       const sleep = "setInterval(() => {}, 1000)"
       const child = spawn(process.execPath, ["-e", sleep], { stdio: "inherit" })
       console.log(process.pid); console.log(child.pid); setInterval(() => {}, 1000)`,
      {
        onLine: (line) => {
          pids.push(Number(line))
          if (pids.length === 2) stop.abort(new Error("enough"))
        },
      },
      stop.signal,
    )
    await expect(running).rejects.toThrow("enough")
    for (const pid of pids)
      while (processIdentity(pid) !== undefined) await new Promise((settle) => setImmediate(settle))
    expect(pids).toHaveLength(2)
  })

  test("before it began starts nothing", async () => {
    await expect(run("", {}, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough")
  })
})

test("something left running that keeps the output open does not keep us", async () => {
  const end = await run(
    `const { spawn } = require("node:child_process")
     const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit", detached: true })
     child.unref(); console.log(child.pid)`,
  )
  expect(end?.code).toBe(0)
  process.kill(Number(end?.output), "SIGKILL")
})
