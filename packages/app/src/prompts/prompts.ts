// Texts that are used again and again, each its owner's own.
import type { NewPrompt, PromptChange, StoredPrompt } from "@fireside/protocol"

export interface Prompts {
  /** By name. */
  list(owner: string): Promise<readonly StoredPrompt[]>
  /** Throws `already-exists` for a name that the owner has, and `bad-request` past `PROMPT_LIMITS.prompts`. */
  create(prompt: NewPrompt, owner: string): Promise<StoredPrompt>
  /** Throws `not-found`, also for another owner's, and `already-exists`. */
  change(id: string, change: PromptChange, owner: string): Promise<StoredPrompt>
  /** For good. Throws `not-found`, also for another owner's. */
  remove(id: string, owner: string): Promise<void>
}
