// The library as a list: which models are shown, in which order, and which of them are in memory.
import type { ModelSummary, RunningModel } from "@fireside/protocol"

export const LIBRARY_ORDERS = ["name", "size", "newest"] as const
export type LibraryOrder = (typeof LIBRARY_ORDERS)[number]

export interface LibraryWish {
  /** Words that must all occur in a model's name, licence or architecture. */
  readonly words: string
  readonly order: LibraryOrder
}

export function arrangeModels(
  models: readonly ModelSummary[],
  { words, order }: LibraryWish,
): readonly ModelSummary[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const found = models.filter((model) => {
    const text = [model.name, model.licence, model.architecture, model.quantization, model.parameters]
      .join(" ")
      .toLowerCase()
    return wanted.every((word) => text.includes(word))
  })
  return found.toSorted(COMPARE[order])
}

const byName = (a: ModelSummary, b: ModelSummary): number => a.name.localeCompare(b.name)

const COMPARE: Readonly<Record<LibraryOrder, (a: ModelSummary, b: ModelSummary) => number>> = {
  name: byName,
  size: (a, b) => b.sizeBytes - a.sizeBytes || byName(a, b),
  newest: (a, b) => b.modifiedAt.localeCompare(a.modifiedAt) || byName(a, b),
}

/** The loaded copy of a model; one of another name that has the same weights counts, for it is they that fill the memory. */
export function runningOf(
  { name, digest }: Pick<ModelSummary, "name" | "digest">,
  running: readonly RunningModel[],
): RunningModel | undefined {
  return (
    running.find((it) => it.name === name) ??
    (digest === "" ? undefined : running.find((it) => it.digest === digest))
  )
}

/** Files that several models share are counted once. */
export function librarySizeBytes(models: readonly ModelSummary[]): number {
  const files = new Map(
    models.filter(({ inPlace }) => !inPlace).map((it) => [it.digest || it.path, it.sizeBytes]),
  )
  return [...files.values()].reduce((total, size) => total + size, 0)
}
