// Keys for other programs and other people: what one may do, with which models, how much. The secret itself is shown once and never stored.
import { z } from "zod"
import { KEY_LIMITS } from "./limits.ts"

/** `chat`: generate and tokenise. `embed`: embeddings and reranking. `models`: pull, create, remove, load. `admin`: everything else. */
export const Scope = z.enum(["chat", "embed", "models", "admin"])
export type Scope = z.infer<typeof Scope>

export const KeyRules = z.object({
  scopes: z.array(Scope).min(1),
  /** References that the key may use, after aliases are resolved. Null: all. */
  models: z.array(z.string().min(1)).max(KEY_LIMITS.models).nullable(),
  requestsPerMinute: z.int().min(1).max(KEY_LIMITS.requestsPerMinute).nullable(),
  tokensPerDay: z.int().min(1).max(KEY_LIMITS.tokensPerDay).nullable(),
})
export type KeyRules = z.infer<typeof KeyRules>

export const NewKey = KeyRules.partial().extend({ name: z.string().min(1).max(KEY_LIMITS.nameLength) })
export type NewKey = z.infer<typeof NewKey>

export const KeySummary = KeyRules.extend({
  id: z.string(),
  name: z.string(),
  /** The first characters of the key, to recognise it by. */
  prefix: z.string(),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  tokensToday: z.int().min(0),
})
export type KeySummary = z.infer<typeof KeySummary>

export const CreatedKey = KeySummary.extend({ key: z.string() })
export type CreatedKey = z.infer<typeof CreatedKey>
