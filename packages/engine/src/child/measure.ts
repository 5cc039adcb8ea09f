// Measures prefill and decode with the very loop that serves requests, for comparing with llama-bench.

import { Generation } from "./generation.ts"
import type { LoadedModel } from "./loaded-model.ts"
import type { BenchmarkOptions, BenchmarkResult, FromChild } from "./messages.ts"
import { NO_ADAPTERS } from "./native/adapters.ts"
import { STEPS_MS } from "./step-planner.ts"

/** Runs alone: the caller keeps other work away and resets the memory afterwards. */
export async function measure(
  loaded: LoadedModel,
  options: BenchmarkOptions,
  { yieldTurn, onBatchTick }: { yieldTurn: () => Promise<void>; onBatchTick: () => void },
): Promise<BenchmarkResult> {
  const { promptTokens, streams, generateTokens } = options
  let ended = 0
  const now = () => performance.now()
  let failure: string | null = null
  const serving = loaded.createServing({
    isCancelled: () => false,
    onBatchTick,
    now,
    send: (message: FromChild) => {
      if (message.type === "failed") failure = message.error.message
      if (message.type !== "step") return
      ended += message.ends.length
    },
  })
  const generations = Array.from({ length: streams }, (_, requestId) => {
    const prompt = Array.from({ length: promptTokens }, (_, index) => pseudoToken(requestId, index, loaded))
    const generation = new Generation({
      requestId,
      prompt,
      sampler: loaded.createSampler({ sampling: { temperature: 0 }, seed: 0 }),
      adapters: NO_ADAPTERS,
      stop: [],
      maxTokens: generateTokens,
      contextLength: loaded.plan.contextLength,
      cachePrompt: false,
      isRepeatable: false,
      markers: new Set(),
      // The engine's speed is measured, not how well pseudo-random text can be guessed.
      speculate: false,
      ignoreEnd: true,
      startedAtMs: now(),
    })
    serving.add(generation)
    return generation
  })
  const generated = (): number => generations.reduce((sum, generation) => sum + generation.generated, 0)
  const startedAt = now()
  let allStartedAt = 0
  let generatedBefore = 0
  let yieldedAt = startedAt
  while (ended < streams && failure === null) {
    serving.step()
    if (allStartedAt === 0 && generations.every(({ hasStarted }) => hasStarted)) {
      allStartedAt = now()
      generatedBefore = generated()
    }
    if (now() - yieldedAt < STEPS_MS) continue
    await yieldTurn()
    yieldedAt = now()
  }
  if (failure !== null) throw new Error(`the measured generation failed: ${failure}`)
  const endedAt = now()
  return {
    prefillTokensPerSecond: perSecond(promptTokens * streams, allStartedAt - startedAt),
    decodeTokensPerSecond: perSecond(generated() - generatedBefore, endedAt - allStartedAt),
    durationMs: endedAt - startedAt,
  }
}

/** Any ordinary token; the same for the same place, so that runs can be compared. */
function pseudoToken(stream: number, index: number, loaded: LoadedModel): number {
  const size = loaded.model.vocabularySize
  return (300 + stream * 7_919 + index * 104_729) % size
}

function perSecond(tokens: number, ms: number): number {
  return ms <= 0 ? 0 : (tokens / ms) * 1_000
}
