// What `list`, `show` and `ps` say of a model. The field names are promises to users.
import { z } from "zod"

export const ModelSummary = z.object({
  name: z.string(),
  /** `sha256:` and 64 hex digits of the weights file; empty for files read in place that were never hashed. */
  digest: z.string(),
  sizeBytes: z.int(),
  modifiedAt: z.string(),
  format: z.literal("gguf"),
  architecture: z.string(),
  /** As people write it: `135M`, `7B`. */
  parameters: z.string(),
  quantization: z.string(),
  contextLength: z.int(),
  licence: z.string(),
  /** True when the file belongs to another program's store and is read there. */
  inPlace: z.boolean(),
  path: z.string(),
  /** True for weights that somebody gave instructions or a way of answering of their own. */
  persona: z.boolean().optional(),
  /** Set when the entry cannot be used; others are listed all the same. */
  problem: z.string().optional(),
})
export type ModelSummary = z.infer<typeof ModelSummary>

export const Capability = z.enum(["completion", "tools", "insert", "vision", "embedding", "thinking"])
export type Capability = z.infer<typeof Capability>

/** A length of context that a model could be loaded with, judged for this machine with nothing else loaded. */
export const ContextChoice = z.object({
  contextLength: z.int(),
  /** Memory of the whole model with it, and what the machine could give. */
  neededBytes: z.int(),
  availableBytes: z.int(),
  fits: z.boolean(),
})
export type ContextChoice = z.infer<typeof ContextChoice>

export const RunningModel = z.object({
  name: z.string(),
  digest: z.string(),
  /** Of the weights file. */
  sizeBytes: z.int(),
  /** What its process has in memory now, weights among it; null where the system does not tell, or there is none. */
  memoryBytes: z.int().nullable(),
  processor: z.string(),
  contextLength: z.int(),
  expiresAt: z.string().nullable(),
  pid: z.int(),
  streams: z.int(),
  queued: z.int(),
})
export type RunningModel = z.infer<typeof RunningModel>
