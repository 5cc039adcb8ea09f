// Whether a model suits this machine, with the numbers: of one that is here by its header, of another by what a catalogue says of it.
import type { KernelSpeeds, ModelOutline, SpeedLabel, SpeedRating } from "@fireside/fit"
import type { StoredModel } from "@fireside/library"
import type { FitLabel, HardwareFacts, ModelFit } from "@fireside/protocol"
import { readKernelSpeeds } from "./kernel-speeds.ts"
import type { Fit, Parts } from "./parts.ts"

export interface FitJudge {
  /** Null where neither a size nor a number of weights is known. */
  judge(outline: ModelOutline, stored: StoredModel | undefined): ModelFit | null
}

/** Bytes of a weight of the files that most people fetch: 4.8 bits. */
const USUAL_WEIGHT_BYTES = 0.6

/** Left on the disk, as the proposal leaves it. */
const DISK_RESERVE_BYTES = 2 * 1024 ** 3

/** Looks at the machine once, for as many models as there are to be judged. */
export async function createFitJudge(parts: Parts): Promise<FitJudge> {
  const [fit, hardware, kernels] = await Promise.all([parts.fit(), parts.hardware(), readKernelSpeeds(parts)])
  return {
    judge(outline, stored) {
      if (stored !== undefined) {
        const rating = rate(fit.readShape(stored.header), { fit, hardware, kernels })
        return toModelFit(rating, true)
      }
      const sized = withSize(outline)
      if (sized === undefined) return null
      const rating = rate(fit.estimateShape(sized), { fit, hardware, kernels })
      return toModelFit(rating, hasDiskRoom(sized, hardware))
    },
  }
}

interface Machine {
  readonly fit: Fit
  readonly hardware: HardwareFacts
  readonly kernels: KernelSpeeds | undefined
}

function rate(shape: Parameters<Fit["rateSpeed"]>[0], { fit, hardware, kernels }: Machine): SpeedRating {
  return fit.rateSpeed(shape, hardware, kernels === undefined ? {} : { kernels })
}

/** A hub's list names the weights and not the size of a file. */
function withSize(outline: ModelOutline): ModelOutline | undefined {
  if (outline.approximateSizeBytes > 0) return outline
  if (outline.parameters <= 0) return undefined
  return { ...outline, approximateSizeBytes: Math.round(outline.parameters * USUAL_WEIGHT_BYTES) }
}

export function hasDiskRoom(
  { approximateSizeBytes }: Pick<ModelOutline, "approximateSizeBytes">,
  { diskFreeBytes }: Pick<HardwareFacts, "diskFreeBytes">,
): boolean {
  return approximateSizeBytes + DISK_RESERVE_BYTES <= diskFreeBytes
}

const LABELS: Readonly<Record<SpeedLabel, FitLabel>> = {
  fits: "fits",
  slow: "slow",
  "will not fit": "will-not-fit",
}

export function toModelFit(rating: SpeedRating, hasRoom: boolean): ModelFit {
  return {
    label: LABELS[rating.label],
    neededBytes: Math.round(rating.memoryBytes),
    availableBytes: Math.round(rating.budgetBytes),
    expectedTokensPerSecond: rating.decodeTokensPerSecond,
    hasDiskRoom: hasRoom,
    reasons: [...rating.reasons],
  }
}
