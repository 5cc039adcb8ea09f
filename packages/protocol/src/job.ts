// Long work as a row: what it is, how far it is. Its events are `JobEvent`s.
import { z } from "zod"
import { ERROR_CODES, type ErrorCode } from "./errors.ts"

export const JobKind = z.enum(["pull", "import", "create", "verify"])
export type JobKind = z.infer<typeof JobKind>

export const JobState = z.enum(["running", "done", "failed", "cancelled"])
export type JobState = z.infer<typeof JobState>

const CODES = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]

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
  error: z
    .object({
      code: z.enum(CODES),
      message: z.string(),
      hint: z.string().optional(),
      details: z.record(z.string(), z.unknown()).optional(),
    })
    .nullable(),
})
export type Job = z.infer<typeof Job>
