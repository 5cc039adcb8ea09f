// Long work as a row: what it is, how far it is. Its events are `JobEvent`s.
import { z } from "zod"
import { ERROR_FIELDS } from "./error-fields.ts"

export const JobKind = z.enum(["pull", "import", "create", "convert", "verify"])
export type JobKind = z.infer<typeof JobKind>

export const JobState = z.enum(["running", "done", "failed", "cancelled"])
export type JobState = z.infer<typeof JobState>

export const Job = z.object({
  id: z.string(),
  kind: JobKind,
  /** What it works on, in the user's words: a reference, a path. */
  subject: z.string(),
  state: JobState,
  createdAt: z.string(),
  updatedAt: z.string(),
  doneBytes: z.int().min(0),
  totalBytes: z.int().min(0),
  error: z.object(ERROR_FIELDS).nullable(),
})
export type Job = z.infer<typeof Job>
