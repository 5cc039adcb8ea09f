// What the app is built from. Every part is opened at its first use, so that a command pays only for what it needs.
// `connect-parts.ts` gives the real ones, `testing.ts` fakes.
import type { Egress } from "@fireside/egress"
import type { Engine } from "@fireside/engine"
import type { Clock, Log, Paths } from "@fireside/host"
import type { Library } from "@fireside/library"
import type { HardwareFacts } from "@fireside/protocol"
import type { Settings } from "./app.ts"
import type { DoctorProbes } from "./doctor.ts"
import type { JobStore } from "./jobs.ts"
import type { ModelRegistry } from "./model-registry.ts"

/** An engine may start its process before it knows the model. */
export interface PreparableEngine extends Engine {
  prepare?(): void
}

/** The arithmetic, imported when it is needed. */
export type Fit = Pick<typeof import("@fireside/fit"), "planLoad" | "proposeModel">

export interface Parts extends AsyncDisposable {
  readonly paths: Paths
  readonly log: Log
  readonly clock: Clock
  readonly settings: Settings
  readonly keepAliveMs: number
  /** `echo` answers without weights: the model named `echo` needs no file. */
  readonly engineName: "llama" | "echo"
  /** Makes the data folder when it is not there. Throws `cannot-write`. */
  prepareHome(): Promise<void>
  hardware(): Promise<HardwareFacts>
  fit(): Promise<Fit>
  engine(): Promise<PreparableEngine>
  library(): Promise<Library>
  egress(): Promise<Egress>
  registry(): Promise<ModelRegistry>
  jobs(): Promise<JobStore>
  doctorProbes(): Promise<DoctorProbes>
}
