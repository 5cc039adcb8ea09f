// What to propose on a machine that has no model: one that another program's store already has here, else fit's choice of the catalogue
// first, then what could stand in when no source of it can be reached.
import type { KernelSpeeds, Proposal } from "@fireside/fit"
import type { CatalogueEntry, Library, StoredModel } from "@fireside/library"
import type { HardwareFacts } from "@fireside/protocol"
import type { FirstRunProposal } from "./app.ts"
import { capabilitiesOf, templateOf } from "./model-capabilities.ts"
import { hasDiskRoom, toModelFit } from "./model-fit.ts"
import type { Fit } from "./parts.ts"

export interface FirstRunWorld {
  readonly library: Library
  readonly hardware: HardwareFacts
  readonly fit: Fit
  /** Where they were measured. */
  readonly kernels?: KernelSpeeds | undefined
}

export async function proposeFirstRun(world: FirstRunWorld): Promise<FirstRunProposal> {
  const { library, hardware, fit, kernels } = world
  const present = await findPresent(world)
  const proposal = toFirstRun(fit.proposeModel(library.catalogue(), hardware, kernels), hardware)
  return present === undefined ? proposal : { ...proposal, present }
}

function toFirstRun(proposal: Proposal<CatalogueEntry>, hardware: HardwareFacts): FirstRunProposal {
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
    fit: toModelFit(rating, hasDiskRoom(entry, hardware)),
  }))
  return { hardware, candidates, reason }
}

/** The best for a chat of what other programs' stores have; a file that is broken, cannot chat or does not fit is none. */
async function findPresent({
  library,
  hardware,
  fit,
  kernels,
}: FirstRunWorld): Promise<FirstRunProposal["present"]> {
  const listed = (await library.list()).filter((model) => model.inPlace && model.problem === undefined)
  const entries = []
  for (const model of listed) {
    // It may have gone since it was listed: then it is not there.
    const stored = await library.resolve(model.name).catch(() => undefined)
    if (stored === undefined || !canChat(stored)) continue
    entries.push({
      name: model.name,
      model,
      parameters: readParameters(model.parameters) ?? model.sizeBytes,
      approximateSizeBytes: model.sizeBytes,
      contextLength: model.contextLength,
      capabilities: ["completion"],
      // Its user has it already: its licence was for the program that fetched it to show.
      licence: { permissive: true },
    })
  }
  // Nothing is downloaded, so the disk does not count.
  const roomy = { ...hardware, diskFreeBytes: Number.MAX_SAFE_INTEGER }
  const { best } = fit.proposeModel(entries, roomy, kernels)
  return best === undefined
    ? undefined
    : { model: best.entry.model, expectedTokensPerSecond: best.rating.decodeTokensPerSecond }
}

/** A model without a template goes on with a text; it does not answer. */
function canChat(stored: StoredModel): boolean {
  return capabilitiesOf(stored).includes("completion") && templateOf(stored) !== ""
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, B: 1e9, T: 1e12 }

/** As a summary writes it: `135M`. Undefined for anything else. */
function readParameters(text: string): number | undefined {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)([KMBT]?)$/.exec(text) ?? []
  return number === "" ? undefined : Number(number) * (UNITS[unit] ?? 1)
}
