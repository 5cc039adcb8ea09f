// The command line without a process: own streams, an app of fakes, keys that can be pressed.
import { PassThrough } from "node:stream"
import { type App, createApp } from "@fireside/app"
import { createFakeParts, type FakePartsOptions } from "@fireside/app/testing"
import { loadConfig, SILENT_LOG } from "@fireside/host"
import { createFakeClock } from "@fireside/host/testing"
import { runCli } from "./cli.ts"
import { createIo } from "./terminal/io.ts"

export interface Terminal {
  /** Which streams are terminals. Defaults to none. */
  readonly terminal?: boolean
  /** Standard input; without it the stream ends at once, unless it is a terminal. */
  readonly input?: string
  readonly parts?: Partial<FakePartsOptions>
  readonly app?: App
}

export interface Called {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

export interface RunningCall {
  readonly done: Promise<Called>
  /** What a user types; `\x03` is Ctrl-C, `\x04` Ctrl-D. */
  type(keys: string): void
  /** Resolves when standard output and error together have shown `text` since the last wait. */
  shows(text: string): Promise<void>
  interrupt(): void
  terminate(): void
  /** Exit codes of forced ends. */
  readonly forced: number[]
  closeOutput(): void
}

class FakeStream extends PassThrough {
  readonly isTTY: boolean
  readonly columns = 100
  constructor(isTerminal: boolean) {
    super()
    this.isTTY = isTerminal
  }
  setRawMode(): this {
    return this
  }
}

/** Starts a call; the test drives it. */
export function startCall(argv: readonly string[], options: Terminal = {}): RunningCall {
  const { terminal = false, input, parts = {} } = options
  const stdin = new FakeStream(terminal)
  const stdout = new FakeStream(terminal)
  const stderr = new FakeStream(terminal)
  let [out, err, both, seen] = ["", "", "", 0]
  let wake = (): void => {}
  stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString()
    both += chunk.toString()
    wake()
  })
  stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString()
    both += chunk.toString()
    wake()
  })
  if (input !== undefined) stdin.write(input)
  if (input !== undefined || !terminal) stdin.end()
  const interrupts: (() => void)[] = []
  const terminations: (() => void)[] = []
  const forced: number[] = []
  const app = options.app ?? createApp(createFakeParts({ clock: createFakeClock(), ...parts }))
  const done = runCli({
    argv,
    // The fakes have what the commands use of a terminal's streams.
    io: createIo({ stdin, stdout, stderr }, { plain: true }),
    signals: {
      onInterrupt: (listener) => void interrupts.push(listener),
      onTerminate: (listener) => void terminations.push(listener),
      exitNow: (code) => void forced.push(code),
    },
    openApp: async (_flags, { settings }) => {
      const home = options.parts?.home ?? "/nowhere"
      const config = loadConfig({ environment: {}, flags: { ...settings, home } })
      return { app, log: SILENT_LOG, config, logs: "/logs", noColour: false }
    },
    installation: { command: ["/usr/bin/node", "/opt/fire side/main.js"], platform: "linux" },
    date: () => new Date("2026-01-02T00:00:00.000Z"),
    now: () => performance.now(),
  }).then((exitCode) => {
    wake()
    return { exitCode, out, err }
  })
  return {
    done,
    forced,
    type: (keys) => void stdin.write(keys),
    async shows(text) {
      for (;;) {
        const at = both.indexOf(text, seen)
        if (at >= 0) {
          seen = at + text.length
          return
        }
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        const ended = await Promise.race([promise.then(() => false), done.then(() => true)])
        if (ended && !both.includes(text, seen))
          throw new Error(`${JSON.stringify(text)} was not shown in:\n${both.slice(seen)}`)
      }
    },
    interrupt: () => {
      for (const listener of interrupts) listener()
    },
    terminate: () => {
      for (const listener of terminations) listener()
    },
    closeOutput: () => void stdout.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
  }
}

/** A call from its start to its end. */
export function call(argv: readonly string[], options: Terminal = {}): Promise<Called> {
  return startCall(argv, options).done
}
