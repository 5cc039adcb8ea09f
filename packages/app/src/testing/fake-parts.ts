// The other parts of an app, in memory, and all of them together.
import type { Egress } from "@fireside/egress"
import type { Engine } from "@fireside/engine"
import type { LoadWish } from "@fireside/fit"
import { type Clock, type Database, layoutOf, type ProcessorTimes, SILENT_LOG } from "@fireside/host"
import type { Library } from "@fireside/library"
import {
  AppError,
  type HardwareFacts,
  type Job,
  type JobEvent,
  type LedgerEntry,
  type LockState,
  QUEUE_LIMITS,
} from "@fireside/protocol"
import type { BenchProbes } from "../bench/bench-probes.ts"
import type { DoctorProbes } from "../doctor.ts"
import type { JobStore } from "../jobs.ts"
import type { ModelRegistry, RegisteredModel } from "../model-registry.ts"
import type { Fit, Parts } from "../parts.ts"
import { createFakeEngine, FAKE_FIT } from "./fake-engine.ts"
import { fakeJob } from "./fake-job.ts"
import { createFakeLibrary, fakeStored } from "./fake-library.ts"

export const HARDWARE: HardwareFacts = {
  platform: "linux",
  arch: "x64",
  cpuModel: "Test processor",
  cpuFeatures: ["avx2"],
  usableCpus: [0, 1],
  physicalCores: 2,
  totalMemoryBytes: 16 * 2 ** 30,
  availableMemoryBytes: 12 * 2 ** 30,
  memoryLimitBytes: 16 * 2 ** 30,
  diskFreeBytes: 100 * 2 ** 30,
  diskTotalBytes: 200 * 2 ** 30,
  onBattery: false,
  devices: [],
}

export interface FakeRegistry extends ModelRegistry {
  readonly entries: Map<string, RegisteredModel>
}

export function createFakeRegistry(): FakeRegistry {
  const entries = new Map<string, RegisteredModel>()
  const stops = new Map<string, () => void>()
  return {
    entries,
    async register(model, onStop) {
      const key = String(entries.size + 1)
      entries.set(key, { ...model, key, ownerPid: 1 })
      stops.set(key, onStop)
      return {
        key,
        async update(change) {
          const entry = entries.get(key)
          if (entry !== undefined) entries.set(key, { ...entry, ...change })
        },
        async [Symbol.asyncDispose]() {
          entries.delete(key)
        },
      }
    },
    list: async () => [...entries.values()],
    async requestStop(entry) {
      stops.get(entry.key)?.()
    },
  }
}

export function createFakeJobs(): JobStore & {
  readonly jobs: Map<string, Job>
  readonly log: [string, JobEvent][]
} {
  const jobs = new Map<string, Job>()
  const log: [string, JobEvent][] = []
  const cancelRequests = new Set<string>()
  return {
    jobs,
    log,
    async begin(kind, subject) {
      const id = String(jobs.size + 1)
      jobs.set(id, fakeJob({ id, kind, subject }))
      return id
    },
    async update(id, change) {
      const job = jobs.get(id)
      if (job !== undefined) jobs.set(id, { ...job, ...change })
      return { cancelRequested: cancelRequests.has(id) }
    },
    append: async (id, event) => void log.push([id, event]),
    events: async (id) => log.filter(([job]) => job === id).map(([, event]) => event),
    find: async (id) => jobs.get(id),
    list: async () => [...jobs.values()],
    requestCancel: async (id) => void cancelRequests.add(id),
  }
}

/** A door that keeps its lock and an empty ledger in memory, and lets nothing out. */
export function createFakeEgress(ledger: readonly LedgerEntry[] = []): Egress {
  let lock: LockState = "ask"
  const hosts: string[] = []
  const refuse = async (): Promise<never> => {
    throw new AppError("network-locked", { message: "A fake lets nothing out." })
  }
  return {
    request: refuse,
    openProxy: refuse,
    assertUnlocked: async () => {},
    status: async () => ({
      lock,
      sandbox: "partial",
      entries: ledger.length,
      lastEntry: ledger.at(-1) ?? null,
    }),
    setLock: async (state) => {
      lock = state
    },
    allowedHosts: async () => hosts,
    allowHost: async (host) => void hosts.push(host),
    async disallowHost(host) {
      const at = hosts.indexOf(host)
      if (at >= 0) hosts.splice(at, 1)
      return at >= 0
    },
    ledger: async () => ledger,
    verifyLedger: async () => null,
    async [Symbol.asyncDispose]() {},
  }
}

const CPU = {
  name: "CPU",
  description: "Test processor",
  kind: "cpu",
  memoryBytes: 1,
  freeMemoryBytes: 1,
} as const

export const HEALTHY_PROBES: DoctorProbes = {
  versions: () => ({ fireside: "0.1.0", node: "24.0.0", platform: "linux x64", glibc: "2.39" }),
  hardware: async () => HARDWARE,
  dataFolder: async () => ({ path: "/home", exists: true, private: true }),
  selfTest: async () => ({ libraryVersion: "v1", devices: [CPU], durationMs: 5 }),
  kernels: async () => undefined,
  lock: async () => "ask",
  sandbox: async () => "full",
  ledger: async () => ({ entries: 0, brokenAt: null }),
  models: async () => ({ count: 1, broken: [], deterministic: [], undetermined: [] }),
}

/** A quiet machine that reads 10 GB a second. */
export const QUIET_PROBES: BenchProbes = {
  bandwidth: async () => ({ oneThread: 8e9, allThreads: 10e9 }),
  memoryOf: async () => ({ residentBytes: 3_000_000, proportionalBytes: 2_000_000 }),
  foreignCpus: async () => 0,
}

export interface FakePartsOptions {
  readonly clock: Clock
  readonly home?: string
  readonly library?: Library
  readonly engine?: Engine
  readonly registry?: ModelRegistry
  readonly jobs?: JobStore
  readonly egress?: Egress
  /** Without one, whoever opens it fails. */
  readonly database?: Database
  readonly fit?: Fit
  readonly engineName?: "llama" | "echo"
  /** Of the settings. Defaults to none. */
  readonly wish?: LoadWish
  readonly queueLength?: number
  readonly benchProbes?: BenchProbes
  readonly speculation?: boolean
  readonly hardware?: () => Promise<HardwareFacts>
  /** Defaults to counters that stand still. */
  readonly processorTimes?: () => ProcessorTimes
  /** Defaults to a system that does not tell. */
  readonly residentMemory?: Parts["residentMemory"]
}

/** Parts that touch only `home`, and that only where the app itself writes (`run/last-model`, `chats/`). */
export function createFakeParts(options: FakePartsOptions): Parts {
  const { clock, home = "/nowhere" } = options
  const engine = options.engine ?? createFakeEngine()
  const library = options.library ?? createFakeLibrary([fakeStored()])
  const registry = options.registry ?? createFakeRegistry()
  const jobs = options.jobs ?? createFakeJobs()
  const egress = options.egress ?? createFakeEgress()
  return {
    paths: layoutOf(home),
    log: SILENT_LOG,
    clock,
    settings: { path: "/config.json", list: async () => [], get: unknownSetting, set: unknownSetting },
    keepAliveMs: 300_000,
    wish: options.wish ?? {},
    prefixes: { diskBytes: 0, memoryBytes: 0 },
    normalises: true,
    queueLength: options.queueLength ?? QUEUE_LIMITS.length,
    speculation: options.speculation ?? true,
    engineName: options.engineName ?? "llama",
    isOffline: false,
    hasDatabase: async () => true,
    prepareHome: async () => {},
    hardware: options.hardware ?? (async () => HARDWARE),
    processorTimes: options.processorTimes ?? (() => ({ busyMs: 0, wholeMs: 0 })),
    residentMemory: options.residentMemory ?? (async () => null),
    fit: async () => options.fit ?? FAKE_FIT,
    engine: async () => engine,
    library: async () => library,
    egress: async () => egress,
    registry: async () => registry,
    jobs: async () => jobs,
    async database() {
      if (options.database === undefined) throw new Error("this test has no database")
      return options.database
    },
    doctorProbes: async () => HEALTHY_PROBES,
    benchProbes: async () => options.benchProbes ?? QUIET_PROBES,
    async [Symbol.asyncDispose]() {},
  }
}

const unknownSetting = async (key: string): Promise<never> => {
  throw new AppError("not-found", { message: `There is no setting ${key}.` })
}
