// The engine that runs real models: each in a child process of its own, through llama.cpp. This is the parent's side.
import { fileURLToPath } from "node:url"
import type { KernelSpeeds, LoadPlan } from "@fireside/fit"
import { type Clock, type Log, SILENT_LOG, SYSTEM_CLOCK, startChild as startHostChild } from "@fireside/host"
import type { LoadRequest } from "./child/messages.ts"
import type { Engine, ModelFile } from "./engine.ts"
import { CrashRecord } from "./supervisor/crash-record.ts"
import { EngineProcess, interrupted, type StartChild } from "./supervisor/engine-process.ts"
import { measureKernels } from "./supervisor/kernel-speeds.ts"
import { createLlamaModel, type LlamaModel, type StartedProcess } from "./supervisor/llama-model.ts"
import { checkModel, controlCandidates } from "./supervisor/model-check.ts"
import { runSelfTest, type SelfTestReport } from "./supervisor/self-test.ts"

export interface LlamaEngineOptions {
  /** Folder with an own build of the native libraries. Undefined: the platform's package. */
  readonly libraryFolder?: string
  /** The only folder that the children may write to: for computed prefixes. Undefined: none. */
  readonly cacheFolder?: string
  /** Starts the children. Defaults to `startChild` of `@fireside/host`. */
  readonly startChild?: StartChild
  /** Defaults to the system's. */
  readonly clock?: Clock
  /** Defaults to none. */
  readonly log?: Log
  /** Absolute path of the child's program. Defaults to the one beside this file. */
  readonly childEntry?: string
}

export interface LlamaEngine extends Engine, AsyncDisposable {
  load(file: ModelFile, plan: LoadPlan, signal: AbortSignal): Promise<LlamaModel>
  /** Starts a process and loads the libraries before it is known which model will be loaded. Costs nothing when called twice. */
  prepare(): void
  /** For `doctor`: never throws, except when the signal is aborted. */
  selfTest(signal: AbortSignal): Promise<SelfTestReport>
  /** Takes a second or two of one thread. Throws `interrupted`, `engine-missing`, `engine-crashed`. */
  kernelSpeeds(signal: AbortSignal): Promise<KernelSpeeds>
}

export function createLlamaEngine(options: LlamaEngineOptions = {}): LlamaEngine {
  const {
    clock = SYSTEM_CLOCK,
    log = SILENT_LOG,
    startChild = startHostChild,
    libraryFolder,
    cacheFolder,
  } = options
  const entry = options.childEntry ?? childEntry(import.meta.url)
  const crashes = new Map<string, CrashRecord>()
  let prepared: EngineProcess | null = null

  const startProcess = () =>
    new EngineProcess({
      startChild,
      clock,
      log,
      entry,
      ...(libraryFolder === undefined ? {} : { libraryFolder }),
      ...(cacheFolder === undefined ? {} : { writableFolder: cacheFolder }),
    })
  const takeProcess = (): EngineProcess => {
    const process = prepared?.isAlive === true ? prepared : startProcess()
    prepared = null
    return process
  }
  const start = async (
    process: EngineProcess,
    request: LoadRequest | Promise<LoadRequest>,
    signal: AbortSignal,
  ): Promise<StartedProcess> => {
    try {
      const [ready, facts] = await Promise.all([
        process.ready,
        (async () => process.load(await request, signal))(),
      ])
      return { process, ready, facts }
    } catch (error) {
      process.close("loading failed")
      throw signal.aborted ? interrupted() : error
    }
  }

  return {
    prepare: () => {
      if (prepared?.isAlive !== true) prepared = startProcess()
    },
    load: async (file, plan, signal) => {
      if (signal.aborted) throw interrupted()
      const record = crashes.get(file.path) ?? new CrashRecord()
      crashes.set(file.path, record)
      record.requireTrust(clock.monotonic(), file.name)
      // The process starts while the file is checked.
      const process = takeProcess()
      if (file.onProgress !== undefined) process.onLoadProgress = file.onProgress
      const header = checkModel(file, signal)
      const request = header.then((checked) => ({
        path: file.path,
        plan,
        controlCandidates: controlCandidates(checked),
        ...(file.template === undefined ? {} : { template: file.template }),
        ...(file.cache === undefined ? {} : { cache: file.cache }),
      }))
      const countCrash = (end: { type: string; error: Error }) => {
        if (end.type !== "closed") record.add(clock.monotonic(), end.error.message)
      }
      const first = await start(process, request, signal).catch(async (error: unknown) => {
        countCrash(await process.ended)
        throw error
      })
      const loadRequest = await request
      log.info("model loaded", {
        model: file.name,
        pid: first.process.pid,
        loadMs: Math.round(first.facts.loadMs),
      })
      const architecture = (await header).metadata.get("general.architecture")
      return createLlamaModel({
        name: file.name,
        architecture: String(architecture?.value ?? "unknown"),
        request: loadRequest,
        first,
        crashes: record,
        clock,
        log,
        keepsPrefixes: file.cache !== undefined && file.cache.diskBytes > 0,
        start: async (restartSignal) => {
          const next = startProcess()
          return await start(next, loadRequest, restartSignal).catch(async (error: unknown) => {
            countCrash(await next.ended)
            throw error
          })
        },
      })
    },
    kernelSpeeds: (signal) => measureKernels(startProcess(), signal),
    selfTest: (signal) => runSelfTest(startProcess(), signal),
    [Symbol.asyncDispose]: async () => {
      prepared?.close("the engine was closed")
      prepared = null
    },
  }
}

/** In the sources the child's program is a TypeScript file; in the bundle it lies beside the bundle. */
function childEntry(moduleUrl: string): string {
  const isSource = moduleUrl.endsWith(".ts")
  return fileURLToPath(new URL(isSource ? "./child/engine-child.ts" : "./engine-child.js", moduleUrl))
}
