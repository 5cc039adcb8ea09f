// What to propose on a machine that has no model: fit's choice first, then what could stand in when no source of it can be reached.
import type { Proposal } from "@fireside/fit"
import type { CatalogueEntry } from "@fireside/library"
import type { HardwareFacts } from "@fireside/protocol"
import type { FirstRunProposal } from "./app.ts"

export function toFirstRun(proposal: Proposal<CatalogueEntry>, hardware: HardwareFacts): FirstRunProposal {
  const { best, rated, reason } = proposal
  if (best === undefined) return { hardware, candidates: [], reason }
  const others = rated
    .filter(
      ({ entry, rating }) => entry !== best.entry && rating.label === "fits" && entry.licence.permissive,
    )
    .filter(({ entry }) => entry.parameters < best.entry.parameters)
    .sort((a, b) => b.entry.parameters - a.entry.parameters)
  const candidates = [best, ...others].map(({ entry, rating }) => ({
    entry,
    expectedTokensPerSecond: rating.decodeTokensPerSecond,
  }))
  return { hardware, candidates, reason }
}
