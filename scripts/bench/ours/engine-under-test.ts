// Our engine as the benchmarks use it: loaded once, measured many times, in its own child process as in the product.
import type { HardwareFacts } from "@fireside/protocol"
import { createLlamaEngine } from "../../../packages/engine/src/index.ts"
import { planLoad } from "../../../packages/fit/src/index.ts"
import { readModelHeader } from "../loads/model-header.ts"

export interface EngineOptions {
  readonly modelPath: string
  readonly hardware: HardwareFacts
  readonly streams: number
  readonly contextLength: number
  /** Folder of other libraries of the same version. Undefined: the prebuilt ones of the product. */
  readonly libraryFolder?: string
}

export interface EngineWork {
  readonly promptTokens: number
  readonly generateTokens: number
  readonly streams: number
}

export interface EngineUnderTest extends AsyncDisposable {
  readonly threads: number
  /** Tokens a second, of all streams; `total`: prompts and answers over the whole time. */
  measure(work: EngineWork, signal: AbortSignal): Promise<{ prefill: number; decode: number; total: number }>
}

export async function openEngine(options: EngineOptions, signal: AbortSignal): Promise<EngineUnderTest> {
  const { modelPath, hardware, streams, contextLength, libraryFolder } = options
  const header = await readModelHeader(modelPath)
  const verdict = planLoad({ header, hardware, wish: { streams, contextLength } })
  if (verdict.type === "refused") throw new Error(verdict.message)
  const engine = createLlamaEngine(libraryFolder === undefined ? {} : { libraryFolder })
  const model = await engine.load({ name: "bench", path: modelPath }, verdict.plan, signal)
  return {
    threads: verdict.plan.threads,
    async measure(work, workSignal) {
      const result = await model.benchmark(work, workSignal)
      const tokens = work.streams * (work.promptTokens + work.generateTokens)
      return {
        prefill: result.prefillTokensPerSecond,
        decode: result.decodeTokensPerSecond,
        total: (tokens / result.durationMs) * 1_000,
      }
    },
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}
