// Taking a model away, and taking that back.
import { z } from "zod"
import { NAME_LIMITS } from "./limits.ts"

export const RemovalQuery = z.object({
  /** Do not keep it for a day to be had back: its room is free at once. Defaults to false. */
  forGood: z.enum(["true", "false"]).optional(),
})
export type RemovalQuery = z.infer<typeof RemovalQuery>

export const Removal = z.object({
  /** Free on the disk now. */
  freedBytes: z.int().min(0),
  /** Bytes that stay so long, so that the removal can be taken back; left out: it is gone for good. */
  held: z.object({ bytes: z.int().min(0), until: z.string() }).optional(),
})
export type Removal = z.infer<typeof Removal>

/** A model that was removed and can be had back. */
export const RemovedModel = z.object({
  name: z.string(),
  sizeBytes: z.int().min(0),
  removedAt: z.string(),
  restorableUntil: z.string(),
})
export type RemovedModel = z.infer<typeof RemovedModel>

const name = z.string().min(1).max(NAME_LIMITS.referenceLength)

export const ModelCopy = z.object({ to: name })
export type ModelCopy = z.infer<typeof ModelCopy>

/** A body, or an answer, that only names one. */
export const ModelName = z.object({ name })
export type ModelName = z.infer<typeof ModelName>
