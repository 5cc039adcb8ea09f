// One child process as its parent sees it: typed messages, a watch on its progress, and one way to end.

import { getCompileCacheDir } from "node:module"
import { constants } from "node:os"
import { dirname } from "node:path"
import type { Child, ChildExit, ChildOptions, Clock, Log } from "@fireside/host"
import { AppError, CHILD_LIMITS, type ErrorBody, fromErrorBody } from "@fireside/protocol"
import type {
  Answers,
  ChildModelFacts,
  FromChild,
  LoadRequest,
  Question,
  ToChild,
} from "../child/messages.ts"
import { isAnswer, parseChildMessage } from "../child/parse-child-message.ts"
import type { ForgetWish } from "../engine.ts"
import { SilenceWatch } from "./silence-watch.ts"

export type StartChild = (options: ChildOptions) => Child

export interface ProcessOptions {
  readonly startChild: StartChild
  readonly clock: Clock
  readonly log: Log
  /** Absolute path of the child's program. */
  readonly entry: string
  readonly libraryFolder?: string
  /** The only folder that the child may write to. Undefined: none. */
  readonly writableFolder?: string
}

/** Why a process is no more. `closed`: we ended it on purpose. */
export interface ProcessEnd {
  readonly type: "closed" | "crashed" | "hung" | "garbage"
  readonly error: AppError
}

export type ReadyFacts = Extract<FromChild, { type: "ready" }>

export interface RequestListener {
  onMessage(message: RequestMessage): void
  onEnd(end: ProcessEnd): void
}

/** What concerns one request. */
export type RequestMessage =
  | Extract<FromChild, { type: "prompt-ready" | "answer" }>
  | { readonly type: "failed"; readonly error: ErrorBody }
  | { readonly type: "delta"; readonly delta: StepMessage["deltas"][number] }
  | { readonly type: "progress"; readonly doneTokens: number; readonly totalTokens: number }
  | { readonly type: "end"; readonly end: StepMessage["ends"][number] }

type StepMessage = Extract<FromChild, { type: "step" }>

/** Reading weights from a slow disk gives signs of life only now and then. */
const LOAD_SILENCE_MS = 60_000
const ERROR_LINES_KEPT = 20

export class EngineProcess {
  readonly ready: Promise<ReadyFacts>
  readonly ended: Promise<ProcessEnd>
  /** Threads that computed the last step. */
  threads = 0
  /** Hears the progress of `load`. */
  onLoadProgress: (fraction: number) => void = () => {}
  readonly #child: Child
  readonly #requests = new Map<number, RequestListener>()
  /** Of those, the ones whose answer may be large. */
  readonly #questions = new Set<number>()
  readonly #errorLines: string[] = []
  readonly #watch: SilenceWatch
  readonly #log: Log
  #nextRequest = 1
  #end: ProcessEnd | null = null
  #loading = true
  readonly #settleReady: Settle<ReadyFacts>
  readonly #settleEnded: (end: ProcessEnd) => void
  #settleLoaded: Settle<ChildModelFacts> | null = null

  constructor(options: ProcessOptions) {
    const ready = Promise.withResolvers<ReadyFacts>()
    const ended = Promise.withResolvers<ProcessEnd>()
    this.ready = ready.promise
    this.ended = ended.promise
    this.#log = options.log
    this.#settleReady = ready
    this.#settleEnded = ended.resolve
    // Whoever waits gets the failure; a process prepared in advance may have nobody waiting.
    this.ready.catch(() => {})
    this.#watch = new SilenceWatch({
      clock: options.clock,
      limitMs: () => {
        if (this.#end !== null) return null
        if (this.#loading) return LOAD_SILENCE_MS
        return this.#requests.size > 0 ? CHILD_LIMITS.hangMs : null
      },
      onSilence: (silentMs) => this.#destroy("hung", `no sign of life for ${silentMs / 1_000} s`),
    })
    this.#child = options.startChild({
      entry: options.entry,
      extraPipes: 1,
      environment: sharedCompileCache(),
      ...(options.writableFolder === undefined ? {} : { writable: [options.writableFolder] }),
    })
    this.#child.onErrorLine((line) => {
      this.#errorLines.push(line)
      if (this.#errorLines.length > ERROR_LINES_KEPT) this.#errorLines.shift()
      options.log.debug("engine process", { pid: this.pid, line })
    })
    this.#child.onMessage((message) => this.#receive(message))
    this.#child.onBadMessage((what) => this.#destroy("garbage", what))
    void this.#child.exited.then((exit) => this.#finish(this.#crash(exit)))
    const { libraryFolder } = options
    this.#send({ type: "prepare", ...(libraryFolder === undefined ? {} : { libraryFolder }) })
    this.#watch.start()
  }

  get pid(): number {
    return this.#child.pid
  }

  /** The system has taken everything back. */
  get exited(): Promise<unknown> {
    return this.#child.exited
  }

  get isAlive(): boolean {
    return this.#end === null
  }

  /** Throws what the child says, or why it ended. */
  async load(request: LoadRequest, signal: AbortSignal): Promise<ChildModelFacts> {
    const loaded = Promise.withResolvers<ChildModelFacts>()
    this.#settleLoaded = loaded
    const abort = () => this.close("the load was stopped")
    signal.addEventListener("abort", abort, { once: true })
    try {
      this.#loading = true
      this.#watch.reset()
      this.#watch.start()
      if (this.#end === null) this.#send({ type: "load", load: request })
      else loaded.reject(this.#end.error)
      if (signal.aborted) abort()
      return await loaded.promise
    } finally {
      signal.removeEventListener("abort", abort)
      this.#loading = false
    }
  }

  /** Starts a request. The listener hears exactly one of `failed`, `end`, `answer` or `onEnd`. */
  open(
    request: (requestId: number) => Extract<ToChild, { type: "generate" | "ask" }>,
    listener: RequestListener,
  ): number {
    const requestId = this.#nextRequest++
    if (this.#end !== null) {
      listener.onEnd(this.#end)
      return requestId
    }
    this.#requests.set(requestId, listener)
    if (this.#requests.size === 1) this.#watch.reset()
    this.#watch.start()
    const message = request(requestId)
    if (message.type === "ask") {
      this.#questions.add(requestId)
      this.#child.setMessageLimit(CHILD_LIMITS.answerFrameBytes)
    }
    this.#send(message)
    return requestId
  }

  async ask<Type extends keyof Answers>(
    question: Extract<Question, { type: Type }>,
    signal: AbortSignal,
  ): Promise<Answers[Type]> {
    if (signal.aborted) throw interrupted()
    const { promise, resolve, reject } = Promise.withResolvers<Answers[Type]>()
    const requestId = this.open((id) => ({ type: "ask", requestId: id, question }), {
      onMessage: (message) => {
        if (message.type === "failed") reject(fromErrorBody(message.error))
        else if (message.type === "answer") {
          if (isAnswer<Type>(question.type, message.value)) resolve(message.value)
          else {
            this.#destroy("garbage", `an answer to ${question.type} that is none`)
            // The request was struck off with its answer, so the end is not told to it.
            reject(this.#end?.error ?? interrupted())
          }
        }
      },
      onEnd: (end) => reject(end.error),
    })
    const abort = () => {
      this.cancel(requestId)
      reject(interrupted())
    }
    signal.addEventListener("abort", abort, { once: true })
    try {
      return await promise
    } finally {
      signal.removeEventListener("abort", abort)
    }
  }

  /** The request's listener goes on to hear its end. */
  cancel(requestId: number): void {
    if (!this.#requests.has(requestId) || this.#end !== null) return
    // Twice: the channel is read between batches, the pipe also in the middle of one.
    this.#send({ type: "cancel", requestId })
    const record = Buffer.alloc(4)
    record.writeUInt32LE(requestId)
    this.#child.pipe(0).write(record)
  }

  setPaused(requestId: number, paused: boolean): void {
    if (this.#requests.has(requestId)) this.#send({ type: paused ? "pause" : "resume", requestId })
  }

  /** Removes computed prefixes. */
  forget(wish: ForgetWish): void {
    this.#send({ type: "forget", wish })
  }

  /** Ends a process that does not keep to what was said. `what` ends "the process sent …". */
  distrust(what: string): void {
    this.#destroy("garbage", what)
  }

  /** Ends the process; all its memory comes back. */
  close(reason: string): void {
    this.#destroy("closed", reason)
  }

  #send(message: ToChild): void {
    if (this.#end === null) this.#child.send(message)
  }

  #receive(value: unknown): void {
    if (this.#end !== null) return
    this.#watch.reset()
    const message = parseChildMessage(value)
    if (message === null) {
      this.#destroy("garbage", "a message that is none")
      return
    }
    switch (message.type) {
      case "ready":
        this.#settleReady.resolve(message)
        break
      case "load-progress":
        this.onLoadProgress(message.fraction)
        break
      case "loaded":
        this.#settleLoaded?.resolve(message.facts)
        break
      case "failed":
        if (message.requestId < 0) this.#failStart(message.error)
        else this.#tell(message.requestId, { type: "failed", error: message.error }, true)
        break
      case "prompt-ready":
        this.#tell(message.requestId, message, false)
        break
      case "answer":
        this.#tell(message.requestId, message, true)
        break
      case "step":
        this.#receiveStep(message)
        break
      case "alive":
        break
      case "log":
        this.#log.info(message.message, { ...message.details, pid: this.pid })
        break
      default:
        message satisfies never
    }
  }

  #receiveStep(step: StepMessage): void {
    this.threads = step.threads
    for (const { requestId, doneTokens, totalTokens } of step.progress)
      this.#tell(requestId, { type: "progress", doneTokens, totalTokens }, false)
    for (const delta of step.deltas) this.#tell(delta.requestId, { type: "delta", delta }, false)
    for (const end of step.ends) this.#tell(end.requestId, { type: "end", end }, true)
  }

  #tell(requestId: number, message: RequestMessage, isLast: boolean): void {
    const listener = this.#requests.get(requestId)
    if (isLast) {
      this.#requests.delete(requestId)
      if (this.#questions.delete(requestId) && this.#questions.size === 0)
        this.#child.setMessageLimit(CHILD_LIMITS.frameBytes)
    }
    listener?.onMessage(message)
  }

  #failStart(body: ErrorBody): void {
    const error = fromErrorBody(body)
    this.#settleReady.reject(error)
    this.#settleLoaded?.reject(error)
    this.#finish({ type: "closed", error })
    this.#child.kill("SIGKILL")
  }

  #destroy(type: ProcessEnd["type"], reason: string): void {
    if (this.#end !== null) return
    const code = type === "hung" ? "engine-hung" : type === "closed" ? "interrupted" : "engine-crashed"
    const what = {
      closed: `The engine's process was ended: ${reason}.`,
      hung: `The engine's process stopped answering (${reason}) and was ended.`,
      garbage: `The engine's process sent ${reason}, and was ended.`,
      crashed: reason,
    }[type]
    // First the kill, then the clean-up: nothing may wait for a process that hangs.
    this.#child.kill("SIGKILL")
    this.#finish({ type, error: new AppError(code, { message: what, ...hintFor(type) }) })
  }

  #crash(exit: ChildExit): ProcessEnd {
    const { code } = exit
    const signal = exit.signal ?? signalWithin(code)
    const lines = this.#errorLines
    if (lines.some((line) => /koffi/i.test(line)) && this.#loading)
      return {
        type: "crashed",
        error: new AppError("engine-missing", {
          message: `The engine's process cannot start: ${lines.find((line) => /koffi/i.test(line))}`,
          hint: "Install the dependencies again: npm install",
          details: { stderr: lines },
        }),
      }
    const how = signal === null ? `with code ${code}` : `by ${signal}`
    const guess = signal === "SIGKILL" ? " Most likely the system ran out of memory." : ""
    return {
      type: "crashed",
      error: new AppError("engine-crashed", {
        message: `The engine's process ended unexpectedly ${how}.${guess}`,
        ...hintFor("crashed"),
        details: { code, signal, stderr: lines.slice(-5) },
      }),
    }
  }

  #finish(end: ProcessEnd): void {
    if (this.#end !== null) return
    this.#end = end
    this.#watch.stop()
    this.#settleReady.reject(end.error)
    this.#settleLoaded?.reject(end.error)
    const listeners = [...this.#requests.values()]
    this.#requests.clear()
    for (const listener of listeners) listener.onEnd(end)
    this.#settleEnded(end)
  }
}

/** A sandbox around the process tells the signal that ended it as 128 + its number, as shells do. */
function signalWithin(code: number | null): string | null {
  const found = Object.entries(constants.signals).find(([, number]) => code === 128 + number)
  return found?.[0] ?? null
}

interface Settle<T> {
  resolve(value: T): void
  reject(error: Error): void
}

/** The child's modules come compiled out of this process's cache, where there is one: that is 15 to 100 ms of its start. */
function sharedCompileCache(): Readonly<Record<string, string>> {
  // Node adds a folder of its own version to the one that was given.
  const folder = getCompileCacheDir()
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) }
}

function hintFor(type: ProcessEnd["type"]): { hint: string } | object {
  return type === "closed" ? {} : { hint: "Send the request again: the engine restarts by itself." }
}

export function interrupted(): AppError {
  return new AppError("interrupted", { message: "The work was stopped." })
}
