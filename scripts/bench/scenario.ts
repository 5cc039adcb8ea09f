// What a scenario is. Read this first; one file each in `scenarios/`, listed in `scenarios/index.ts`.
import type { HardwareFacts } from "@fireside/protocol"
import type { PeerBinaries } from "./peer/peer-binaries.ts"

/** What every scenario is given. */
export interface Bench {
  /** Absolute path of the model file that both sides load. */
  readonly modelPath: string
  readonly hardware: HardwareFacts
  readonly peer: PeerBinaries
  /** Repository root. */
  readonly root: string
  /** How often each contestant will be measured. */
  readonly rounds: number
  /** Fewer tokens and rounds: to see that it runs, not to quote. */
  readonly quick: boolean
  /** Empty folder for the scenario's own files; removed afterwards. */
  readonly workFolder: string
  /** Progress on standard error. */
  note(text: string): void
}

/** One side of a comparison: ours, the peer, the peer with other flags, ours under load. */
export interface Contestant {
  readonly name: string
  /** What it is, for the page: program, version, flags. No paths. */
  readonly description: string
  /** One round. Metric name → value. */
  measure(signal: AbortSignal): Promise<Readonly<Record<string, number>>>
}

export interface Comparison {
  readonly title: string
  readonly metric: string
  readonly unit: string
  /** Names of contestants. The ratio is subject / against. */
  readonly subject: string
  readonly against: string
  readonly better: "higher" | "lower"
  /** Undefined: printed, with no aim. */
  readonly goal?: number
  /** What keeps the subject from the goal; stands on the page when it is missed. */
  readonly heldBack?: string
}

export interface PreparedScenario extends AsyncDisposable {
  /** Measured in this order in every round: A B A B. */
  readonly contestants: readonly Contestant[]
  readonly comparisons: readonly Comparison[]
  /** What a reader must know to judge the figures; losses and limits too. */
  readonly remarks?: readonly string[]
}

export interface Scenario {
  /** As in the design's table: `engine`, `S5b`, `S11`. */
  readonly id: string
  readonly title: string
  /** How many times the usual rounds: for short ones that differ by their text, or whose goal is nearer than machines are steady. Defaults to 1. */
  readonly timesRounds?: number
  prepare(bench: Bench, signal: AbortSignal): Promise<PreparedScenario>
}
