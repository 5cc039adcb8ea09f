// Fakes that ship: an app out of parts that need no files, no network and no weights.
import type { Egress } from "@fireside/egress"
import type { Engine, GenerateOptions, Model, Prompt } from "@fireside/engine"
import type { LoadPlan } from "@fireside/fit"
import type { GgufEntry, ValidatedHeader } from "@fireside/gguf"
import { type Clock, layoutOf, SILENT_LOG } from "@fireside/host"
import type { CatalogueEntry, Library, StoredModel } from "@fireside/library"
import {
  AppError,
  type ChatEvent,
  type HardwareFacts,
  type JobEvent,
  type LedgerEntry,
  type LockState,
  type ModelSummary,
} from "@fireside/protocol"
import type { DoctorProbes } from "./doctor.ts"
import type { Job, JobStore } from "./jobs.ts"
import type { ModelRegistry, RegisteredModel } from "./model-registry.ts"
import type { Fit, Parts } from "./parts.ts"

export type { Prompt } from "@fireside/engine"

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

export const PLAN: LoadPlan = {
  contextLength: 2048,
  streams: 1,
  batchRows: 512,
  microBatchRows: 512,
  kvType: "f16",
  useMmap: false,
  gpuLayers: 0,
  threads: 2,
  cpus: [],
  embeddings: false,
  memory: { weightsBytes: 1, kvBytes: 1, computeBytes: 1, totalBytes: 3 },
  budgetBytes: 2 ** 34,
}

export interface FakeStored {
  readonly name?: string
  readonly metadata?: Readonly<Record<string, GgufEntry>>
}

/** A stored model without a file behind it. */
export function fakeStored(
  { name = "tiny:latest", metadata = {} }: FakeStored = {},
  change: Partial<StoredModel> = {},
): StoredModel {
  const summary: ModelSummary = {
    name,
    digest: `sha256:${"a".repeat(64)}`,
    sizeBytes: 1_000_000,
    modifiedAt: "2026-01-01T00:00:00.000Z",
    format: "gguf",
    architecture: "llama",
    parameters: "1M",
    quantization: "Q8_0",
    contextLength: 2048,
    licence: "Apache-2.0",
    inPlace: false,
    path: `/models/${name}`,
  }
  const header = {
    version: 3,
    metadata: new Map(Object.entries(metadata)),
    tensors: [],
    alignment: 32,
    dataOffset: 0,
    fileSizeBytes: 1_000_000,
  }
  // No native code sees the file of a fake, so nothing has to be validated.
  return { summary, path: summary.path, header: header as unknown as ValidatedHeader, ...change }
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: "tiny:1m",
    title: "Tiny",
    licence: { name: "Apache-2.0", url: "https://example.org/apache", permissive: true },
    parameters: 1_000_000,
    contextLength: 2048,
    languages: ["en"],
    goodFor: "tests",
    capabilities: ["completion"],
    approximateSizeBytes: 1_000_000,
    sources: ["hf:example/tiny", "pip:tiny"],
    latest: true,
  },
  {
    name: "large:1b",
    title: "Large",
    licence: { name: "Community", url: "https://example.org/community", permissive: false },
    parameters: 1_000_000_000,
    contextLength: 8192,
    languages: ["en"],
    goodFor: "tests of size",
    capabilities: ["completion"],
    approximateSizeBytes: 600_000_000,
    sources: ["hf:example/large"],
  },
]

export interface FakeLibrary extends Library {
  readonly models: Map<string, StoredModel>
  readonly pulled: string[]
}

/** A library in memory. `pull` gives what `events` says and stores a model of that name. */
export function createFakeLibrary(
  stored: readonly StoredModel[] = [],
  events: (reference: string) => readonly JobEvent[] = pullEvents,
): FakeLibrary {
  const models = new Map(stored.map((model) => [model.summary.name, model]))
  const pulled: string[] = []
  const find = (reference: string): StoredModel => {
    const found = models.get(reference) ?? models.get(`${reference}:latest`)
    if (found !== undefined) return found
    throw new AppError("model-not-found", {
      message: `There is no model ${reference}.`,
      details: { close: [] },
    })
  }
  async function* play(reference: string, list: readonly JobEvent[]): AsyncIterable<JobEvent> {
    for (const event of list) {
      if (event.type === "finish") models.set(event.name, fakeStored({ name: event.name }))
      yield event
    }
    pulled.push(reference)
  }
  return {
    models,
    pulled,
    resolve: async (reference) => find(reference),
    list: async () => [...models.values()].map((model) => model.summary),
    catalogue: () => CATALOGUE,
    search: async (query) => CATALOGUE.filter((entry) => entry.name.includes(query)),
    async *pull(reference, options) {
      const entry = CATALOGUE.find((it) => it.name === reference)
      const licence = entry?.licence ?? { name: "unknown", permissive: true }
      await options.onOffer?.({
        name: reference,
        source: "hf:example/tiny",
        licence,
        files: [],
        downloadBytes: 10,
        failed: [],
      })
      if (!licence.permissive && options.acceptLicence !== true) {
        throw new AppError("licence-not-accepted", {
          message: `${reference} has the licence ${licence.name}.`,
          hint: "Accept it with --accept-licence.",
        })
      }
      yield* play(reference, events(reference))
    },
    importFile: (_, name) => play(name, pullEvents(name)),
    async copy(from, to) {
      const model = find(from)
      models.set(to, { ...model, summary: { ...model.summary, name: to } })
    },
    async remove(name) {
      const model = find(name)
      models.delete(model.summary.name)
      return { freedBytes: model.summary.sizeBytes }
    },
    verify: async (name) => ({ name, ok: true, digest: find(name).summary.digest, message: "whole" }),
  }
}

function pullEvents(name: string): readonly JobEvent[] {
  return [
    { type: "status", message: "pulling" },
    {
      type: "progress",
      file: "weights.gguf",
      doneBytes: 5,
      totalBytes: 10,
      bytesPerSecond: 5,
      secondsLeft: 1,
    },
    { type: "progress", file: "weights.gguf", doneBytes: 10, totalBytes: 10, bytesPerSecond: 5 },
    { type: "finish", name, digest: `sha256:${"b".repeat(64)}` },
  ]
}

export interface FakeEngine extends Engine {
  readonly loads: { name: string; plan: LoadPlan }[]
  readonly prompts: { prompt: Prompt; options: GenerateOptions }[]
  /** Models that were disposed. */
  readonly closed: string[]
  /** Events of the next answers; without it the last message is repeated word by word. */
  answer: ((prompt: Prompt, signal: AbortSignal) => AsyncIterable<ChatEvent>) | undefined
  failLoad: AppError | undefined
}

export function createFakeEngine(clock: Clock): FakeEngine {
  const engine: FakeEngine = {
    loads: [],
    prompts: [],
    closed: [],
    answer: undefined,
    failLoad: undefined,
    async load(file, plan) {
      if (engine.failLoad !== undefined) throw engine.failLoad
      engine.loads.push({ name: file.name, plan })
      return fakeModel(engine, file.name, plan, clock)
    },
  }
  return engine
}

const TIMINGS = { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 100, decodeTokensPerSecond: 50, totalMs: 2 }

function fakeModel(engine: FakeEngine, name: string, plan: LoadPlan, _clock: Clock): Model {
  return {
    facts: {
      name,
      architecture: "llama",
      vocabularySize: 256,
      embeddingLength: 4,
      trainedContextLength: 2048,
      contextLength: plan.contextLength,
      streams: plan.streams,
      sizeBytes: 1_000_000,
      hasChatTemplate: true,
      canInfill: true,
      canEmbed: true,
      processor: "CPU",
      devices: [],
      libraryVersion: "fake",
      loadMs: 1,
      pid: 0,
    },
    async *generate(prompt, options, signal) {
      engine.prompts.push({ prompt, options })
      if (engine.answer !== undefined) {
        yield* engine.answer(prompt, signal)
        return
      }
      yield { type: "start", model: name, id: options.id ?? "1" }
      const words = textOf(prompt).match(/\S+\s*/g) ?? []
      for (const text of words) yield { type: "text-delta", text }
      const usage = { promptTokens: words.length, cachedTokens: 0, completionTokens: words.length }
      yield { type: "finish", reason: "stop", usage, timings: TIMINGS }
    },
    embed: async (texts) => texts.map((text) => Float32Array.of(text.length, 0, 0, 0)),
    tokenize: async (text) => [...Buffer.from(text)],
    detokenize: async (tokens) => Buffer.from(tokens).toString(),
    async render(prompt) {
      const text = textOf(prompt)
      const tokens = [...Buffer.from(text)]
      return { text, tokens, fromTemplate: tokens.map(() => false) }
    },
    activity: () => ({ streams: 0, queued: 0, threads: 1 }),
    async [Symbol.asyncDispose]() {
      engine.closed.push(name)
    },
  }
}

function textOf(prompt: Prompt): string {
  switch (prompt.type) {
    case "chat":
      return prompt.messages.at(-1)?.content ?? ""
    case "plain":
    case "rendered":
      return prompt.text
    case "tokens":
      return prompt.tokens.join(" ")
    case "infill":
      return `${prompt.prefix} ${prompt.suffix}`
    default:
      return prompt satisfies never
  }
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
  return {
    jobs,
    log,
    async begin(kind, subject) {
      const id = String(jobs.size + 1)
      const at = "2026-01-01T00:00:00.000Z"
      const job = {
        id,
        kind,
        subject,
        state: "running",
        createdAt: at,
        updatedAt: at,
        doneBytes: 0,
        totalBytes: 0,
        error: null,
      } as const
      jobs.set(id, job)
      return id
    },
    async update(id, change) {
      const job = jobs.get(id)
      if (job !== undefined) jobs.set(id, { ...job, ...change })
    },
    append: async (id, event) => void log.push([id, event]),
    events: async (id) => log.filter(([job]) => job === id).map(([, event]) => event),
    list: async () => [...jobs.values()],
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
  lock: async () => "ask",
  sandbox: async () => "full",
  ledger: async () => ({ entries: 0, brokenAt: null }),
  models: async () => ({ count: 1, broken: [] }),
}

/** Everything fits, and the first of the catalogue is proposed. */
export const FAKE_FIT: Fit = {
  planLoad: ({ wish }) => ({
    type: "fits",
    plan: {
      ...PLAN,
      ...(wish.contextLength === undefined ? {} : { contextLength: wish.contextLength }),
      embeddings: wish.embeddings ?? false,
    },
    notices: [],
  }),
  proposeModel: (entries) => {
    const rating = {
      label: "fits",
      decodeTokensPerSecond: 20,
      prefillTokensPerSecond: 100,
      reasons: [],
    } as const
    const rated = entries.map((entry) => ({ entry, rating }))
    return { best: rated[0], rated, reason: "It is the first." }
  },
}

export interface FakePartsOptions {
  readonly clock: Clock
  readonly home?: string
  readonly library?: Library
  readonly engine?: Engine
  readonly registry?: ModelRegistry
  readonly jobs?: JobStore
  readonly egress?: Egress
  readonly fit?: Fit
  readonly engineName?: "llama" | "echo"
}

/** Parts that touch only `home`, and that only where the app itself writes (`run/last-model`, `chats/`). */
export function createFakeParts(options: FakePartsOptions): Parts {
  const { clock, home = "/nowhere" } = options
  const engine = options.engine ?? createFakeEngine(clock)
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
    wish: {},
    engineName: options.engineName ?? "llama",
    prepareHome: async () => {},
    hardware: async () => HARDWARE,
    fit: async () => options.fit ?? FAKE_FIT,
    engine: async () => engine,
    library: async () => library,
    egress: async () => egress,
    registry: async () => registry,
    jobs: async () => jobs,
    doctorProbes: async () => HEALTHY_PROBES,
    async [Symbol.asyncDispose]() {},
  }
}

const unknownSetting = async (key: string): Promise<never> => {
  throw new AppError("not-found", { message: `There is no setting ${key}.` })
}
