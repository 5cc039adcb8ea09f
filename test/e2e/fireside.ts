// The real command line as a process of its own, with a data folder of its own.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { json as readJson } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach } from "vitest"

const MAIN = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url))
const PTY = fileURLToPath(new URL("./run-in-pty.py", import.meta.url))

export interface Ended {
  readonly exitCode: number | null
  readonly out: string
  readonly err: string
}

export interface CallOptions {
  readonly input?: string
  /** Leaves standard input open and silent, as programs do that start others without a thought. */
  readonly openInput?: boolean
  readonly environment?: Readonly<Record<string, string>>
}

export interface Typed {
  readonly exitCode: number | null
  readonly output: string
}

export interface Fireside extends AsyncDisposable {
  readonly home: string
  call(argv: readonly string[], options?: CallOptions): Promise<Ended>
  /** A process that the test talks to. */
  start(
    argv: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): ChildProcessWithoutNullStreams
  /**
   * In a pseudo-terminal: each step waits for a text, or with `@file:` for a file, then types.
   * `exitCode` is null when a text never came.
   */
  type(argv: readonly string[], steps: readonly (readonly [string, string])[]): Promise<Typed>
}

export const HAS_PYTHON = spawnSync("python3", ["-c", "import pty"], { stdio: "ignore" }).status === 0

/** Gives each test of the file one of its own. */
export function useFireside(take: (fireside: Fireside) => void): void {
  let made: Fireside
  beforeEach(async () => {
    made = await createFireside()
    take(made)
  })
  afterEach(() => made[Symbol.asyncDispose]())
}

export async function createFireside(): Promise<Fireside> {
  const folder = await mkdtemp(join(tmpdir(), "fireside-e2e-"))
  const home = join(folder, "home")
  const { FIRESIDE_HOME: _, NO_COLOR: __, ...inherited } = process.env
  // Stores of other programs on this machine must not show in the tests.
  const environment = {
    ...inherited,
    HOME: folder,
    XDG_DATA_HOME: "",
    XDG_CACHE_HOME: "",
    FIRESIDE_HOME: home,
    TERM: "xterm",
  }
  const start: Fireside["start"] = (argv, more = {}) =>
    spawn(process.execPath, [MAIN, ...argv], { env: { ...environment, ...more } })
  return {
    home,
    start,
    call: (argv, { input, openInput = false, environment: more = {} } = {}) =>
      new Promise((resolve, reject) => {
        const child = start(argv, more)
        let [out, err] = ["", ""]
        child.stdout.on("data", (chunk: Buffer) => {
          out += chunk.toString()
        })
        child.stderr.on("data", (chunk: Buffer) => {
          err += chunk.toString()
        })
        child.on("error", reject)
        child.on("close", (exitCode) => resolve({ exitCode, out, err }))
        if (input !== undefined) child.stdin.write(input)
        if (!openInput) child.stdin.end()
      }),
    type: async (argv, steps) => {
      const job = { argv: [process.execPath, MAIN, ...argv], steps, timeoutSeconds: 60 }
      const python = spawn("python3", [PTY], { env: environment, stdio: ["pipe", "pipe", "inherit"] })
      python.stdin.end(JSON.stringify(job))
      // The helper of our own prints one such object.
      return (await readJson(python.stdout)) as Typed
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true })
    },
  }
}
