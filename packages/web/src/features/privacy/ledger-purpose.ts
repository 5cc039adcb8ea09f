// Why a connection was made, out of the ledger's own words: what kind of thing was asked for, and of what.
import type { LedgerEntry } from "@fireside/protocol"

export interface LedgerPurpose {
  readonly type: "pull" | "search" | "import" | "create" | "other"
  /** What it was about; of `other` the ledger's words as they are. */
  readonly subject: string
}

/** The reasons that the parts of the product give, see `feature` of an entry. */
const REASONS = {
  pull: /^download (.+)$/s,
  search: /^search models: (.*)$/s,
  import: /^import (.+)$/s,
  create: /^create from (.+)$/s,
} as const

export function ledgerPurpose({ feature, reason }: Pick<LedgerEntry, "feature" | "reason">): LedgerPurpose {
  if (!isKnown(feature)) return { type: "other", subject: reason }
  const subject = REASONS[feature].exec(reason)?.[1]
  return subject === undefined ? { type: "other", subject: reason } : { type: feature, subject }
}

const isKnown = (feature: string): feature is keyof typeof REASONS => Object.hasOwn(REASONS, feature)

/** What of its user's a connection carried. */
export type Carried = "nothing" | "model-name" | "search-words" | "text" | "document"

export function carriedBy({ feature, contentClass }: Pick<LedgerEntry, "feature" | "contentClass">): Carried {
  switch (contentClass) {
    case "none":
      return "nothing"
    case "model-id":
      return feature === "search" ? "search-words" : "model-name"
    case "prompt":
      return "text"
    case "document":
      return "document"
    default:
      return contentClass satisfies never
  }
}
