// The real parts out of the settings. Each is imported and opened at its first use, and closed when the app closes.
import { access } from "node:fs/promises"
import type { Egress } from "@fireside/egress"
import type { LoadWish } from "@fireside/fit"
import {
  type Clock,
  type Config,
  type Database,
  type Log,
  makeFolder,
  prepareHome,
  processorTimes,
  readHardware,
  residentMemory,
  startChild,
} from "@fireside/host"
import type { Library } from "@fireside/library"
import { QUEUE_LIMITS } from "@fireside/protocol"
import type { JobStore } from "./jobs.ts"
import type { ModelRegistry } from "./model-registry.ts"
import type { Parts, PreparableEngine } from "./parts.ts"
import { createSettings } from "./settings.ts"

export interface ConnectOptions {
  readonly config: Config
  /** See `OpenAppFlags.streams`. */
  readonly streams?: number | "auto"
  readonly reload: () => Promise<Config>
  readonly log: Log
  readonly clock: Clock
}

export function connectParts({ config, streams, reload, log, clock }: ConnectOptions): Parts {
  const { paths, values } = config
  const closing: (() => PromiseLike<void>)[] = []
  const closedLater = <T extends AsyncDisposable>(part: T): T => {
    closing.unshift(() => part[Symbol.asyncDispose]())
    return part
  }

  const home = once(() => prepareHome(paths))
  const database = once(async (): Promise<Database> => {
    await home()
    const { openDatabase } = await import("@fireside/host")
    return closedLater(await openDatabase(paths))
  })
  const egress = once(async (): Promise<Egress> => {
    const { createEgress } = await import("@fireside/egress")
    return createEgress({
      openDatabase: database,
      clock,
      ...(values.offline ? { lockOverride: "locked" as const } : {}),
    })
  })
  const engine = once(async (): Promise<PreparableEngine> => {
    if (values.engine === "echo") {
      const { createEchoEngine } = await import("@fireside/engine")
      return createEchoEngine()
    }
    const { createLlamaEngine } = await import("@fireside/engine")
    // A process may write to a folder that was there when it began. A data folder that is not there yet is not made for it.
    if (await exists(paths.home)) await makeFolder(paths.prefixes).catch(() => {})
    return closedLater(
      createLlamaEngine({
        clock,
        log,
        startChild: (options) => startChild({ ...options, sandbox: values.sandbox }),
        ...(values.llamaDir === undefined ? {} : { libraryFolder: values.llamaDir }),
        ...(values["cache.disk"] === 0 ? {} : { cacheFolder: paths.prefixes }),
      }),
    )
  })
  const library = once(async (): Promise<Library> => {
    const { connectLibrary } = await import("./connect-library.ts")
    return connectLibrary({ config, log, clock, openEgress: egress, openDatabase: database })
  })
  const registry = once(async (): Promise<ModelRegistry> => {
    const [{ createProcessRegistry }, { createProcessModels }] = await Promise.all([
      import("@fireside/host"),
      import("./process-models.ts"),
    ])
    return createProcessModels({ processes: createProcessRegistry(paths), paths, log })
  })
  const jobs = once(async (): Promise<JobStore> => {
    const { createJobTable } = await import("./job-table.ts")
    return createJobTable({ database: await database(), clock })
  })
  const hardware = async (): ReturnType<Parts["hardware"]> => {
    const facts = await readHardware(paths.home)
    const { memoryLimit } = values
    if (memoryLimit === undefined) return facts
    return { ...facts, memoryLimitBytes: Math.min(facts.memoryLimitBytes, memoryLimit) }
  }

  const parts: Parts = {
    paths,
    log,
    clock,
    settings: createSettings({ config, reload, prepareHome: home }),
    keepAliveMs: values.keepAlive,
    wish: {
      ...(values.threads === undefined ? {} : { threads: values.threads }),
      ...(values.contextLength === undefined ? {} : { contextLength: values.contextLength }),
      ...(values.kvType === undefined ? {} : { kvType: values.kvType }),
      ...(values.deterministic === undefined ? {} : { deterministic: values.deterministic }),
      ...(values.sharesCells === undefined ? {} : { sharesCells: values.sharesCells }),
      ...streamsWish(streams, values),
    },
    prefixes: { diskBytes: values["cache.disk"], memoryBytes: values["cache.memory"] },
    normalises: values["cache.normalise"],
    queueLength: values.queueLength,
    speculation: values.speculation,
    ...(values.defaultModel === undefined ? {} : { defaultModel: values.defaultModel }),
    ...(values.limitRate === undefined ? {} : { limitBytesPerSecond: values.limitRate }),
    engineName: values.engine,
    isOffline: values.offline,
    hasDatabase: () => exists(paths.database),
    prepareHome: home,
    hardware,
    processorTimes,
    residentMemory,
    fit: () => import("@fireside/fit"),
    engine,
    library,
    egress,
    registry,
    database,
    jobs,
    async doctorProbes() {
      const { createProbes } = await import("./doctor-probes.ts")
      return createProbes({ parts, config })
    },
    async benchProbes() {
      const { createBenchProbes } = await import("./bench/bench-probes.ts")
      return createBenchProbes(clock)
    },
    async [Symbol.asyncDispose]() {
      for (const close of closing) {
        try {
          await close()
        } catch (error) {
          // The others must still be closed.
          log.warn("a part did not close", { error })
        }
      }
    },
  }
  return parts
}

/** Streams of a model on the server when nobody says: more make each of them slow on a processor. They cost memory when they are used. */
const SERVED_STREAMS = 8

/** What is said must be possible; what is not said is as many as fit. */
function streamsWish(
  streams: ConnectOptions["streams"],
  { engine, parallel }: Config["values"],
): Pick<LoadWish, "streams" | "mostStreams"> {
  if (streams === undefined) return {}
  if (streams !== "auto") return { streams }
  if (parallel !== undefined) return { streams: parallel }
  return { mostStreams: engine === "echo" ? QUEUE_LIMITS.parallel : SERVED_STREAMS }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** The same promise at each call; a failed one is tried again. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }
}
