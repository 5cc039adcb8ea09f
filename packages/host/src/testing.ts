// Fakes that ship: a data folder that goes away, a clock that is turned by hand, a log in memory, a child that is a script.
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import type { Child, ChildExit, SandboxLevel } from "./child.ts"
import type { Clock } from "./clock.ts"
import type { Log } from "./log.ts"
import { layoutOf, type Paths } from "./paths.ts"
import { prepareHome } from "./prepare-home.ts"

export interface TemporaryHome extends AsyncDisposable {
  readonly paths: Paths
}

/** A data folder of its own, prepared; removed when disposed. */
export async function createTemporaryHome(): Promise<TemporaryHome> {
  const folder = await mkdtemp(join(tmpdir(), "fireside-test-"))
  const paths = layoutOf(join(folder, "home"))
  await prepareHome(paths)
  return {
    paths,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface FakeClock extends Clock {
  /** Moves both clocks on and runs the timers that come due, in their order. */
  advance(durationMs: number): void
  /** Sets the wall clock only: the user changed the time. */
  setWallClock(timeMs: number): void
  /** Timers that wait. */
  pendingTimers(): number
}

export function createFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let wallMs = startMs
  let monotonicMs = 0
  const timers = new Set<{ readonly dueMs: number; readonly action: () => void }>()
  return {
    now: () => wallMs,
    monotonic: () => monotonicMs,
    setTimer(delayMs, action) {
      const timer = { dueMs: monotonicMs + Math.max(0, delayMs), action }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
    advance(durationMs) {
      const endMs = monotonicMs + durationMs
      for (;;) {
        const [next] = [...timers]
          .filter((it) => it.dueMs <= endMs)
          .sort((left, right) => left.dueMs - right.dueMs)
        if (next === undefined) break
        timers.delete(next)
        wallMs += next.dueMs - monotonicMs
        monotonicMs = next.dueMs
        next.action()
      }
      wallMs += endMs - monotonicMs
      monotonicMs = endMs
    },
    setWallClock: (timeMs) => {
      wallMs = timeMs
    },
    pendingTimers: () => timers.size,
  }
}

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error"
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface MemoryLog extends Log {
  readonly lines: readonly LogLine[]
}

export function createMemoryLog(): MemoryLog {
  const lines: LogLine[] = []
  const at = (carried: Readonly<Record<string, unknown>>): Log => {
    const add =
      (level: LogLine["level"]) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
        void lines.push({ level, message, fields: { ...carried, ...fields } })
    return {
      debug: add("debug"),
      info: add("info"),
      warn: add("warn"),
      error: add("error"),
      with: (fields) => at({ ...carried, ...fields }),
    }
  }
  return { ...at({}), lines }
}

export interface FakeChild extends Child {
  /** What the parent sent, as the child would get it. */
  readonly received: readonly unknown[]
  /** A message from the child. */
  emit(message: unknown): void
  /** The channel refuses what it sent, and the child is killed. */
  emitBadMessage(what: string): void
  /** A line of standard error. */
  emitErrorLine(line: string): void
  /** The process ends. */
  exit(exit: ChildExit): void
  /** Bytes that the parent wrote into extra pipe `index`. */
  written(index: number): Buffer
}

export interface FakeChildOptions {
  readonly sandbox?: SandboxLevel
  /** Called for each message of the parent: the child's behaviour. */
  readonly onReceive?: (message: unknown, child: FakeChild) => void
}

/** A child without a process. `kill` ends it with the signal. Messages are cloned, as they are between processes. */
export function createFakeChild({ sandbox = "partial", onReceive }: FakeChildOptions = {}): FakeChild {
  const received: unknown[] = []
  const messageListeners: ((message: unknown) => void)[] = []
  const badListeners: ((what: string) => void)[] = []
  const errorListeners: ((line: string) => void)[] = []
  const pipes = new Map<number, { readonly stream: PassThrough; readonly chunks: Buffer[] }>()
  const { promise: exited, resolve: settle } = Promise.withResolvers<ChildExit>()
  let isOpen = true
  const pipeAt = (index: number): { readonly stream: PassThrough; readonly chunks: Buffer[] } => {
    const known = pipes.get(index)
    if (known !== undefined) return known
    const made = { stream: new PassThrough(), chunks: [] as Buffer[] }
    made.stream.on("data", (chunk: Buffer) => made.chunks.push(chunk))
    pipes.set(index, made)
    return made
  }
  const child: FakeChild = {
    pid: 424_242,
    sandbox,
    received,
    exited,
    send(message) {
      if (!isOpen) return false
      const clone: unknown = structuredClone(message)
      received.push(clone)
      onReceive?.(clone, child)
      return true
    },
    onMessage: (listener) => void messageListeners.push(listener),
    onBadMessage: (listener) => void badListeners.push(listener),
    setMessageLimit: () => {},
    onErrorLine: (listener) => void errorListeners.push(listener),
    pipe: (index) => pipeAt(index).stream,
    kill: (signal) => child.exit({ code: null, signal }),
    emit(message) {
      if (!isOpen) return
      const clone: unknown = structuredClone(message)
      for (const listener of messageListeners) listener(clone)
    },
    emitBadMessage(what) {
      child.kill("SIGKILL")
      for (const listener of badListeners) listener(what)
    },
    emitErrorLine(line) {
      for (const listener of errorListeners) listener(line)
    },
    exit(exit) {
      isOpen = false
      settle(exit)
    },
    written: (index) => Buffer.concat(pipeAt(index).chunks),
  }
  return child
}
