// Models that can be had, and whether they suit this machine: what the welcome proposes and what a search finds.
import { z } from "zod"
import { SamplingOptions } from "./chat-request.ts"
import { HardwareFacts } from "./hardware-facts.ts"
import { NAME_LIMITS } from "./limits.ts"
import { ModelSummary } from "./model-summary.ts"

export const FitLabel = z.enum(["fits", "slow", "will-not-fit"])
export type FitLabel = z.infer<typeof FitLabel>

/** How a model suits this machine. An estimate, within a factor of about two: its own answers say what is so. */
export const ModelFit = z.object({
  label: FitLabel,
  /** Main memory that it takes with a usual context. */
  neededBytes: z.int().min(0),
  /** Main memory that a model may take here now. */
  availableBytes: z.int().min(0),
  /** Of one answer; 0 for a model that does not fit. */
  expectedTokensPerSecond: z.number().min(0),
  /** Is there room on the disk for its file? True for one that is there already. */
  hasDiskRoom: z.boolean(),
  /** Why, each a sentence with its numbers. */
  reasons: z.array(z.string()),
})
export type ModelFit = z.infer<typeof ModelFit>

export const CatalogueModel = z.object({
  name: z.string(),
  title: z.string(),
  licence: z.object({ name: z.string(), url: z.string(), permissive: z.boolean() }),
  /** Number of weights; 0: not known. */
  parameters: z.int().min(0),
  contextLength: z.int().min(0),
  languages: z.array(z.string()),
  goodFor: z.string(),
  capabilities: z.array(z.string()),
  /** Of the file; 0: not known. */
  approximateSizeBytes: z.int().min(0),
  /** References in the order they are tried. */
  sources: z.array(z.string()),
  /** True for the one that the name without a tag means. */
  latest: z.boolean().optional(),
  /** What its publisher recommends. */
  sampling: SamplingOptions.optional(),
})
export type CatalogueModel = z.infer<typeof CatalogueModel>

export const CatalogueMatch = CatalogueModel.extend({
  installed: z.boolean(),
  /** Null where its size is not known before it is pulled. */
  fit: ModelFit.nullable(),
})
export type CatalogueMatch = z.infer<typeof CatalogueMatch>

export const CatalogueQuery = z.object({
  /** Words that must all occur; left out: everything. */
  query: z.string().max(NAME_LIMITS.referenceLength).optional(),
  /** Ask the hub too, over the network. Defaults to false. */
  remote: z.enum(["true", "false"]).optional(),
})
export type CatalogueQuery = z.infer<typeof CatalogueQuery>

/** What the first minutes show. */
export const Welcome = z.object({
  hardware: HardwareFacts,
  /** The first one is what is proposed, the others are smaller ones. Empty when nothing of the catalogue fits. */
  candidates: z.array(
    z.object({ entry: CatalogueModel, expectedTokensPerSecond: z.number().min(0), fit: ModelFit }),
  ),
  /** What another program has on this disk already: it is read in place, nothing is fetched. */
  present: z.object({ model: ModelSummary, expectedTokensPerSecond: z.number().min(0) }).optional(),
  /** Why the first one, or why none, in one sentence. */
  reason: z.string(),
})
export type Welcome = z.infer<typeof Welcome>
