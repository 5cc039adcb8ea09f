// What the app is built from. Every part is opened at its first use, so that a command pays only for what it needs.
// `connect-parts.ts` gives the real ones, `testing.ts` fakes.
import type { Egress } from "@fireside/egress"
import type { LlamaModel, Model, ModelFile, SelfTestReport } from "@fireside/engine"
import type { KernelSpeeds, LoadPlan, LoadWish } from "@fireside/fit"
import type { Clock, Database, Log, Paths, ProcessorTimes } from "@fireside/host"
import type { Library } from "@fireside/library"
import type { HardwareFacts } from "@fireside/protocol"
import type { Settings } from "./app.ts"
import type { BenchProbes } from "./bench/bench-probes.ts"
import type { DoctorProbes } from "./doctor.ts"
import type { JobStore } from "./jobs.ts"
import type { ModelRegistry } from "./model-registry.ts"

/** What the app uses of an engine, where it offers it. */
export interface PreparableEngine {
  load(file: ModelFile, plan: LoadPlan, signal: AbortSignal): Promise<NoticedModel>
  /** Starts its process before the model is known. */
  prepare?(): void
  selfTest?(signal: AbortSignal): Promise<SelfTestReport>
  /** Takes a second or two. */
  kernelSpeeds?(signal: AbortSignal): Promise<KernelSpeeds>
}

/** A model may have something to say about how it was loaded, and may let itself be measured. */
export type NoticedModel = Model & { readonly notices?: readonly string[] } & Partial<
    Pick<LlamaModel, "benchmark" | "score">
  >

/** The arithmetic, imported when it is needed. */
export type Fit = Pick<
  typeof import("@fireside/fit"),
  "deterministicVerdict" | "estimateShape" | "planLoad" | "proposeModel" | "rateSpeed" | "readShape"
>

export interface Parts extends AsyncDisposable {
  readonly paths: Paths
  readonly log: Log
  readonly clock: Clock
  readonly settings: Settings
  readonly keepAliveMs: number
  /** What the settings wish for every load; a request's own wishes win. */
  readonly wish: LoadWish
  /** Room for computed prefixes, bytes. */
  readonly prefixes: { readonly diskBytes: number; readonly memoryBytes: number }
  /** Whether system texts are made steady where a request does not say. */
  readonly normalises: boolean
  /** Requests that may wait for their turn. */
  readonly queueLength: number
  /** Do answers guess ahead when the request does not say? */
  readonly speculation: boolean
  /** The model when none is named; undefined: the one used last. */
  readonly defaultModel?: string
  /** For downloads that do not say. */
  readonly limitBytesPerSecond?: number
  /** `echo` answers without weights: the model named `echo` needs no file. */
  readonly engineName: "llama" | "echo"
  /** The settings lock the network, whatever the stored lock says. */
  readonly isOffline: boolean
  /** False until something was locked, sent or recorded: opening the database would make it. */
  hasDatabase(): Promise<boolean>
  /** Makes the data folder when it is not there. Throws `cannot-write`. */
  prepareHome(): Promise<void>
  hardware(): Promise<HardwareFacts>
  processorTimes(): ProcessorTimes
  /** Of a process with its descendants, bytes; null where the system does not tell. */
  residentMemory(pid: number): Promise<number | null>
  fit(): Promise<Fit>
  engine(): Promise<PreparableEngine>
  library(): Promise<Library>
  egress(): Promise<Egress>
  registry(): Promise<ModelRegistry>
  database(): Promise<Database>
  jobs(): Promise<JobStore>
  doctorProbes(): Promise<DoctorProbes>
  benchProbes(): Promise<BenchProbes>
}
