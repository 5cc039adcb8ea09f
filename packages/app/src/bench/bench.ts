// `fireside bench` as the app offers it. Read this first; `create-bench.ts` makes it.
import type { BenchEvent, BenchReport, BenchRequest } from "@fireside/protocol"

export interface Bench {
  /**
   * Progress, then `finish` with the report, which is kept. Unloads idle copies of the model first: the cold start is measured too. Throws
   * `model-in-use` when the model answers, also in another process or in the middle of the run; `unsupported` for what generates no text.
   */
  run(request: BenchRequest, signal: AbortSignal): AsyncIterable<Exclude<BenchEvent, { type: "error" }>>
  /** Newest first; of one model, or of all. Throws what resolving the reference throws. */
  history(model?: string): Promise<readonly BenchReport[]>
}
