// Starts a Node process of ours: shut in as far as the system allows, with an empty environment, and ended when this process ends.
import { type ChildProcess, spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { Duplex } from "node:stream"
import { CHILD_LIMITS } from "@fireside/protocol"
import type { Child, ChildExit, ChildOptions } from "./child.ts"
import { readChildEnvironment } from "./config/environment.ts"
import { readErrorLines } from "./error-lines.ts"
import { createFrameReader, encodeFrame } from "./frames.ts"
import { findSandbox, type Sandbox, type SandboxWorld, thisMachine } from "./sandbox.ts"

/** When memory runs out the kernel takes the child, not the gateway. */
const OUT_OF_MEMORY_SCORE = "500"
/** The descriptor after stdin, stdout and stderr: the channel, both ways. */
const CHANNEL = 3
/** First descriptor after those. */
const FIRST_EXTRA_PIPE = 4
/** A grandchild that keeps standard error open must not hide that the child has ended. */
const DRAIN_MS = 500

/**
 * Starts `options.entry` in a Node process of its own. Messages are structured clones in frames of bounded
 * length; a child that sends a larger one, or bytes that are none, is killed before they take memory.
 *
 * The child takes its end with `openParentChannel` and must end by itself when that closes; where the system can (`setpriv`, `bwrap`) it is also killed by the kernel
 * when the thread that started it ends. Never throws: what cannot be started is told by `onErrorLine` and `exited`.
 */
export function startChild(options: ChildOptions, world: SandboxWorld = thisMachine()): Child {
  const { entry, args = [], environment = {}, nodeArguments = [], extraPipes = 0, writable = [] } = options
  const sandbox: Sandbox =
    options.sandbox === "none" ? { level: "none", prefix: [] } : findSandbox(world, writable)
  const [program = process.execPath, ...rest] = [
    ...lowerScoreFirst(sandbox),
    ...sandbox.prefix,
    process.execPath,
    ...nodeArguments,
    entry,
    ...args,
  ]
  const child = spawn(program, rest, {
    env: { ...readChildEnvironment(), ...environment },
    // The child's end is read and written at once: on Windows that asks for `overlapped`, elsewhere it is a plain pipe.
    stdio: [
      "ignore",
      "ignore",
      "pipe",
      "overlapped",
      ...Array.from({ length: extraPipes }, () => "pipe" as const),
    ],
    windowsHide: true,
  })
  raiseScore(child.pid)
  return wrap(child, sandbox)
}

/** bubblewrap forks, so its score must be set before: it is inherited. */
function lowerScoreFirst({ level }: Sandbox): readonly string[] {
  if (level !== "full") return []
  return ["/bin/sh", "-c", `echo ${OUT_OF_MEMORY_SCORE} > /proc/self/oom_score_adj; exec "$@"`, "fireside"]
}

function raiseScore(pid: number | undefined): void {
  if (pid === undefined || process.platform !== "linux") return
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, OUT_OF_MEMORY_SCORE)
  } catch {
    // It has ended already, or the system forbids it: the child works without.
  }
}

function wrap(child: ChildProcess, sandbox: Sandbox): Child {
  const errorListeners: ((line: string) => void)[] = []
  const tellError = (line: string): void => {
    for (const listener of errorListeners) listener(line)
  }
  if (child.stderr !== null) readErrorLines(child.stderr, tellError)
  // A pipe breaks when the child dies while it is written to; the end is told by `exited`.
  for (const stream of child.stdio.slice(FIRST_EXTRA_PIPE)) stream?.on("error", () => {})
  const channel = child.stdio[CHANNEL]
  const messageListeners: ((message: unknown) => void)[] = []
  const badListeners: ((what: string) => void)[] = []
  const reader = createFrameReader({
    frameBytes: CHILD_LIMITS.frameBytes,
    onMessage: (message) => {
      for (const listener of messageListeners) listener(message)
    },
    onBad: (what) => {
      child.kill("SIGKILL")
      if (channel instanceof Duplex) channel.destroy()
      for (const listener of badListeners) listener(what)
    },
  })
  if (channel instanceof Duplex) {
    channel.on("data", (chunk: Buffer) => reader.push(chunk))
    // A message that is lost because the child died just now is told by `exited`.
    channel.on("error", () => {})
  }
  const exited = new Promise<ChildExit>((settle) => {
    child.on("close", (code, signal) => settle({ code, signal }))
    child.on("exit", (code, signal) => {
      setTimeout(() => settle({ code, signal }), DRAIN_MS).unref()
    })
    child.on("error", (error) => {
      // Also raised for a signal that could not be sent: then the process goes on.
      if (child.pid !== undefined) return
      tellError(`the process could not be started: ${error.message}`)
      settle({ code: null, signal: null })
    })
  })
  return {
    pid: child.pid ?? 0,
    sandbox: sandbox.level,
    send(message) {
      if (child.pid === undefined || !(channel instanceof Duplex) || !channel.writable) return false
      channel.write(encodeFrame(message))
      return true
    },
    onMessage: (listener) => void messageListeners.push(listener),
    onBadMessage: (listener) => void badListeners.push(listener),
    setMessageLimit: (frameBytes) => reader.setLimit(frameBytes),
    onErrorLine: (listener) => void errorListeners.push(listener),
    exited,
    pipe(index) {
      const stream = child.stdio[FIRST_EXTRA_PIPE + index]
      if (stream === null || stream === undefined || !("write" in stream))
        throw new Error(`the child was started without extra pipe ${index}`)
      return stream
    },
    kill: (signal) => void child.kill(signal),
  }
}
