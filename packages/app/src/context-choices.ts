// With how much context a model could be loaded, and what it would take of this machine.
import type { StoredModel } from "@fireside/library"
import type { ContextChoice } from "@fireside/protocol"
import type { Loaded } from "./loaded-models.ts"
import type { Parts } from "./parts.ts"
import { emptyOf, WEIGHTLESS } from "./plan-model.ts"

/** Each twice the one before. */
const SHORTEST = 2_048
const MOST_CHOICES = 12

export interface ContextChoicesOptions {
  readonly parts: Pick<Parts, "fit" | "hardware" | "wish">
  readonly stored: StoredModel | undefined
  /** What makes room for it. */
  readonly loaded: Iterable<Pick<Loaded, "plan" | "unseenBytes">>
}

/** The shortest first, up to what the model was trained with. */
export async function contextChoices({
  parts,
  stored,
  loaded,
}: ContextChoicesOptions): Promise<readonly ContextChoice[]> {
  if (stored === undefined)
    return lengthsUpTo(WEIGHTLESS.contextLength * 4).map((contextLength) => ({
      ...{ contextLength, neededBytes: 0, availableBytes: 0, fits: true },
    }))
  const [fit, machine] = await Promise.all([parts.fit(), parts.hardware()])
  const hardware = emptyOf(loaded, machine)
  return lengthsUpTo(stored.summary.contextLength).map((contextLength) => {
    const wish = { ...parts.wish, contextLength }
    const verdict = fit.planLoad({ header: stored.header, hardware, wish })
    const { memory, budgetBytes } = verdict.type === "fits" ? verdict.plan : verdict
    return {
      contextLength,
      neededBytes: Math.round(memory.totalBytes),
      availableBytes: Math.round(budgetBytes),
      fits: verdict.type === "fits" && verdict.plan.contextLength >= contextLength,
    }
  })
}

function lengthsUpTo(most: number): readonly number[] {
  const lengths: number[] = []
  for (let length = SHORTEST; length < most && lengths.length < MOST_CHOICES; length *= 2)
    lengths.push(length)
  return most > 0 ? [...lengths, most] : lengths
}
