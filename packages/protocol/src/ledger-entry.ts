// One line of the egress ledger and the state of the lock. The field names are promises to users.
import { z } from "zod"

export const LockState = z.enum(["locked", "ask", "allow-list"])
export type LockState = z.infer<typeof LockState>

/** What kind of the user's content a request carries. */
export const ContentClass = z.enum(["none", "model-id", "prompt", "document"])
export type ContentClass = z.infer<typeof ContentClass>

export const LedgerEntry = z.object({
  seq: z.int(),
  at: z.string(),
  reason: z.string(),
  feature: z.string(),
  host: z.string(),
  /** The address that was connected to; empty when it was blocked before a name was resolved. */
  address: z.string(),
  port: z.int(),
  bytesOut: z.int(),
  bytesIn: z.int(),
  contentClass: ContentClass,
  verdict: z.enum(["sent", "blocked"]),
  hash: z.string(),
  previousHash: z.string(),
})
export type LedgerEntry = z.infer<typeof LedgerEntry>

export const PrivacyStatus = z.object({
  lock: LockState,
  sandbox: z.enum(["full", "partial", "none"]),
  entries: z.int(),
  lastEntry: LedgerEntry.nullable(),
})
export type PrivacyStatus = z.infer<typeof PrivacyStatus>

export const DoctorReport = z.object({
  ok: z.boolean(),
  checks: z.array(
    z.object({
      id: z.string(),
      ok: z.boolean(),
      level: z.enum(["error", "warning", "info"]),
      message: z.string(),
      hint: z.string().optional(),
      /** Of what was found and what is advised, for readers of other languages; of a look that failed, its error's. */
      code: z.string().optional(),
      advice: z.string().optional(),
      /** What the sentences of both name. `…Bytes` are sizes. */
      values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    }),
  ),
})
export type DoctorReport = z.infer<typeof DoctorReport>
