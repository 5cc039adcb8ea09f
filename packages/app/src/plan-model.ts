// From a stored model, a wish and what is loaded already to the plan that the engine takes, or a refusal with numbers.
import type { FitVerdict, LoadPlan, LoadWish } from "@fireside/fit"
import type { StoredModel } from "@fireside/library"
import { AppError, type HardwareFacts } from "@fireside/protocol"
import type { Loaded } from "./loaded-models.ts"
import type { Parts } from "./parts.ts"

export interface PlanModelOptions {
  readonly parts: Parts
  readonly stored: StoredModel | undefined
  readonly wish: LoadWish
  /** What is loaded: the memory is shared with it. */
  readonly loaded: Iterable<Pick<Loaded, "plan" | "unseenBytes">>
}

export interface FittingPlan {
  readonly type: "fits"
  readonly plan: LoadPlan
  readonly notices: readonly string[]
  /** Of the machine, when the plan was made. */
  readonly availableBytes: number
}

export type ModelPlan =
  | FittingPlan
  /** It would fit, or have its whole context, if other models made room. `shorter`: what fits beside them. */
  | { readonly type: "crowded"; readonly shorter: FittingPlan | undefined }

/** For the echo engine, which has no weights to fit. */
export const WEIGHTLESS: LoadPlan = Object.freeze({
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

/** A context shortened to less than this part of what it would be is worth waiting for. */
const LEAST_CONTEXT_RATIO = 0.5

/** Throws `memory-refused` and `unsupported` (past what the model has) when it would not fit on an empty machine either. */
export async function planModel({ parts, stored, wish, loaded }: PlanModelOptions): Promise<ModelPlan> {
  if (stored === undefined) {
    const { contextLength = WEIGHTLESS.contextLength, embeddings = false } = wish
    const streams = wish.streams ?? wish.mostStreams ?? WEIGHTLESS.streams
    const mode = wish.deterministic === true && !embeddings ? { deterministic: true } : {}
    const plan: LoadPlan = { ...WEIGHTLESS, contextLength, embeddings, streams, ...mode }
    return { type: "fits", plan, notices: [], availableBytes: 0 }
  }
  const [fit, hardware] = await Promise.all([parts.fit(), parts.hardware()])
  const others = [...loaded]
  const planOn = (machine: HardwareFacts): FitVerdict =>
    fit.planLoad({ header: stored.header, hardware: machine, wish })
  const availableBytes = hardware.availableMemoryBytes
  const empty = planOn(emptyOf(others, hardware))
  if (empty.type === "refused") throw refusal(empty)
  if (others.length === 0) return { ...empty, availableBytes }
  const beside = planOn(beneath(others, hardware))
  if (beside.type === "refused") return { type: "crowded", shorter: undefined }
  const { contextLength } = beside.plan
  if (contextLength >= empty.plan.contextLength) return { ...beside, availableBytes }
  const isWorthIt = contextLength >= empty.plan.contextLength * LEAST_CONTEXT_RATIO
  return { type: "crowded", shorter: isWorthIt ? { ...beside, availableBytes } : undefined }
}

/** The machine as it would be with nothing of ours loaded. */
export function emptyOf(others: PlanModelOptions["loaded"], hardware: HardwareFacts): HardwareFacts {
  const seenBytes = sum(others, ({ plan, unseenBytes }) => plan.memory.totalBytes - unseenBytes)
  const availableMemoryBytes = Math.min(hardware.availableMemoryBytes + seenBytes, hardware.totalMemoryBytes)
  return { ...hardware, availableMemoryBytes }
}

/** What is left of the machine beside the loaded models: of the memory that they are promised nothing is given away twice. */
function beneath(others: PlanModelOptions["loaded"], hardware: HardwareFacts): HardwareFacts {
  const promisedBytes = sum(others, ({ plan }) => plan.memory.totalBytes)
  const unseenBytes = sum(others, (other) => other.unseenBytes)
  return {
    ...hardware,
    memoryLimitBytes: hardware.memoryLimitBytes - promisedBytes,
    availableMemoryBytes: hardware.availableMemoryBytes - unseenBytes,
  }
}

function sum(
  others: PlanModelOptions["loaded"],
  bytesOf: (other: Pick<Loaded, "plan" | "unseenBytes">) => number,
) {
  let total = 0
  for (const other of others) total += bytesOf(other)
  return total
}

function refusal(verdict: Extract<FitVerdict, { type: "refused" }>): AppError {
  if (verdict.reason === "deterministic")
    return new AppError("cannot-be-deterministic", {
      message: verdict.message,
      ...(verdict.hint === undefined ? {} : { hint: verdict.hint }),
    })
  return new AppError(verdict.reason === "memory" ? "memory-refused" : "unsupported", {
    message: verdict.message,
    hint: hintOf(verdict.wouldFit, verdict.reason !== "streams"),
    details: { memory: verdict.memory, budgetBytes: verdict.budgetBytes, wouldFit: verdict.wouldFit },
  })
}

function hintOf(wouldFit: readonly string[], canForce: boolean): string {
  const others =
    wouldFit.length === 0 ? "A smaller model would fit." : `This would fit: ${wouldFit.join(", or ")}.`
  return canForce ? `${others} --force loads it all the same.` : others
}
