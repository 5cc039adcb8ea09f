// For tests: a child process that is not one, and a clock that goes only when it is told to.
import { PassThrough } from "node:stream"
import type { Child, ChildExit, Clock } from "@fireside/host"
import { CHILD_LIMITS } from "@fireside/protocol"
import type { FromChild, ToChild } from "../child/messages.ts"

export interface ScriptedChild extends Child {
  readonly sent: readonly ToChild[]
  readonly killed: readonly string[]
  /** What it says to its parent; anything may be said. */
  say(message: unknown): void
  /** The channel refuses what it said. */
  babble(what: string): void
  /** The most bytes of a message, as the parent last set it. */
  readonly messageLimit: number
  end(exit: ChildExit): void
}

export const READY: FromChild = {
  type: "ready",
  version: "0.5.0",
  build: "scripted",
  systemInfo: "",
  devices: [],
  notices: [],
}

export const LOADED: Extract<FromChild, { type: "loaded" }> = {
  type: "loaded",
  facts: {
    vocabularySize: 10,
    embeddingLength: 4,
    trainedContextLength: 64,
    sizeBytes: 1,
    hasChatTemplate: true,
    canInfill: false,
    canEmbed: true,
    loadMs: 1,
  },
}

/** `onSend` is the script: what it does when it is told something. */
export function scriptedChild(
  onSend: (message: ToChild, child: ScriptedChild) => void = answerLoads,
): ScriptedChild {
  const sent: ToChild[] = []
  const killed: string[] = []
  const errorListeners: ((line: string) => void)[] = []
  let listener: (message: unknown) => void = () => {}
  let badListener: (what: string) => void = () => {}
  let messageLimit: number = CHILD_LIMITS.frameBytes
  const { promise: exited, resolve } = Promise.withResolvers<ChildExit>()
  const child: ScriptedChild = {
    pid: 4_711,
    sandbox: "none",
    sent,
    killed,
    send: (message) => {
      // The parent's own types: what it sends is what `EngineProcess` wrote.
      sent.push(message as ToChild)
      onSend(message as ToChild, child)
      return true
    },
    onMessage: (next) => {
      listener = next
    },
    onBadMessage: (next) => {
      badListener = next
    },
    setMessageLimit: (frameBytes) => {
      messageLimit = frameBytes
    },
    get messageLimit() {
      return messageLimit
    },
    onErrorLine: (next) => void errorListeners.push(next),
    exited,
    pipe: () => new PassThrough().resume(),
    kill: (signal) => {
      killed.push(signal)
      resolve({ code: null, signal })
    },
    say: (message) => listener(message),
    babble: (what) => badListener(what),
    end: (exit) => resolve(exit),
  }
  return child
}

export function answerLoads(message: ToChild, child: ScriptedChild): void {
  if (message.type === "prepare") queueMicrotask(() => child.say(READY))
  if (message.type === "load") queueMicrotask(() => child.say(LOADED))
}

export interface ManualClock extends Clock {
  /** Runs what is due on the way, in order, and lets promises settle in between. */
  advance(ms: number): Promise<void>
}

export function manualClock(): ManualClock {
  let now = 0
  let timers: { at: number; action: () => void }[] = []
  const settle = () => new Promise<void>((resolve) => void setImmediate(resolve))
  return {
    now: () => now,
    monotonic: () => now,
    setTimer: (delayMs, action) => {
      const timer = { at: now + delayMs, action }
      timers.push(timer)
      return {
        cancel: () => {
          timers = timers.filter((other) => other !== timer)
        },
      }
    },
    advance: async (ms) => {
      const end = now + ms
      await settle()
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        timers = timers.filter((timer) => timer !== next)
        now = Math.max(now, next.at)
        next.action()
        await settle()
      }
      now = end
    },
  }
}
