// From a stored model and a wish to the plan that the engine takes, or a refusal with numbers.
import type { FitVerdict, LoadPlan, LoadWish } from "@fireside/fit"
import type { StoredModel } from "@fireside/library"
import { AppError } from "@fireside/protocol"
import type { Parts } from "./parts.ts"

export interface PlanModelOptions {
  readonly parts: Parts
  readonly stored: StoredModel | undefined
  readonly wish: LoadWish
  /** Unloads what nobody uses; called once when memory is short. */
  readonly makeRoom: () => Promise<void>
}

/** For the echo engine, which has no weights to fit. */
const WEIGHTLESS: LoadPlan = Object.freeze({
  contextLength: 4096,
  streams: 4,
  batchRows: 512,
  microBatchRows: 512,
  kvType: "f16",
  useMmap: false,
  gpuLayers: 0,
  threads: 1,
  cpus: [],
  embeddings: false,
  memory: { weightsBytes: 0, kvBytes: 0, computeBytes: 0, totalBytes: 0 },
  budgetBytes: 0,
})

/** Throws `memory-refused` and `unsupported` (past what the model has), with what would fit. */
export async function planModel(
  options: PlanModelOptions,
): Promise<{ plan: LoadPlan; notices: readonly string[] }> {
  const { parts, stored, wish, makeRoom } = options
  if (stored === undefined) {
    const { contextLength = WEIGHTLESS.contextLength, embeddings = false } = wish
    return { plan: { ...WEIGHTLESS, contextLength, embeddings }, notices: [] }
  }
  const verdict = async (): Promise<FitVerdict> => {
    const [fit, hardware] = await Promise.all([parts.fit(), parts.hardware()])
    return fit.planLoad({ header: stored.header, hardware, wish })
  }
  let fit = await verdict()
  if (fit.type === "refused") {
    await makeRoom()
    fit = await verdict()
  }
  switch (fit.type) {
    case "fits":
      return fit
    case "refused":
      throw new AppError(fit.reason === "memory" ? "memory-refused" : "unsupported", {
        message: fit.message,
        hint: hintOf(fit.wouldFit, fit.reason !== "streams"),
        details: { memory: fit.memory, budgetBytes: fit.budgetBytes, wouldFit: fit.wouldFit },
      })
    default:
      return fit satisfies never
  }
}

function hintOf(wouldFit: readonly string[], canForce: boolean): string {
  const others =
    wouldFit.length === 0 ? "A smaller model would fit." : `This would fit: ${wouldFit.join(", or ")}.`
  return canForce ? `${others} --force loads it all the same.` : others
}
