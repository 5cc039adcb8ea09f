// Computed prefixes that outlive their process: what there is, and what was computed ahead.
import { NAME_LIMITS, REQUEST_LIMITS } from "./limits.ts"
import { z } from "./schema.ts"

export const PinnedPrefix = z.object({
  name: z.string(),
  model: z.string(),
  /** Of the template and the text. */
  tokens: z.int().min(0),
  /** On disk. */
  bytes: z.int().min(0),
})
export type PinnedPrefix = z.infer<typeof PinnedPrefix>

export const PrefixStatus = z.object({
  /** Room for the files of all models; 0: nothing is written. */
  diskBytes: z.int().min(0),
  /** Main memory of each loaded model for prefixes that no answer uses. */
  memoryBytes: z.int().min(0),
  usedBytes: z.int().min(0),
  models: z.array(
    z.object({
      /** Its name; the hash of its weights when no model has them any more. */
      model: z.string(),
      prefixes: z.int().min(0),
      tokens: z.int().min(0),
      bytes: z.int().min(0),
    }),
  ),
  pins: z.array(PinnedPrefix),
})
export type PrefixStatus = z.infer<typeof PrefixStatus>

export const PrefixPin = z.object({
  model: z.string().min(1).max(NAME_LIMITS.referenceLength),
  /** What it is called: the name of its file. Pinned anew, it takes the place of the one before. */
  name: z.string().min(1).max(NAME_LIMITS.referenceLength),
  /** The system prompt, as requests will have it. */
  text: z.string().min(1).max(REQUEST_LIMITS.countedPromptBytes),
})
export type PrefixPin = z.infer<typeof PrefixPin>

export const PrefixClear = z
  .object({
    model: z.string().min(1).max(NAME_LIMITS.referenceLength),
    /** Also what was computed ahead. Defaults to false. */
    pinned: z.boolean(),
  })
  .partial()
export type PrefixClear = z.infer<typeof PrefixClear>

export const ClearedPrefixes = z.object({ files: z.int().min(0), bytes: z.int().min(0) })
export type ClearedPrefixes = z.infer<typeof ClearedPrefixes>
