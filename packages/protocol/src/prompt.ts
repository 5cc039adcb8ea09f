// Texts that are used again and again: kept under a name, put into a message or taken as instructions.
import { PROMPT_LIMITS } from "./limits.ts"
import { z } from "./schema.ts"

export const NewPrompt = z.object({
  /** Unique among those of its owner, whatever the case of its letters. */
  name: z.string().trim().min(1).max(PROMPT_LIMITS.nameLength),
  text: z.string().min(1).max(PROMPT_LIMITS.textLength),
})
export type NewPrompt = z.infer<typeof NewPrompt>

export const PromptChange = NewPrompt.partial()
export type PromptChange = z.infer<typeof PromptChange>

export const StoredPrompt = NewPrompt.extend({
  id: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
})
export type StoredPrompt = z.infer<typeof StoredPrompt>
