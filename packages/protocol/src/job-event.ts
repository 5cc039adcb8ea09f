// Long work (pull, import, verify, …) as events: progress and notices, then one `finish` or `error`.
import { z } from "zod"
import { ERROR_FIELDS } from "./error-fields.ts"

export const JobEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("status"), message: z.string() }),
  z.object({
    type: z.literal("progress"),
    file: z.string(),
    doneBytes: z.int(),
    totalBytes: z.int(),
    bytesPerSecond: z.number(),
    /** Seconds left at the present speed; absent while it is not known. */
    secondsLeft: z.number().optional(),
  }),
  z.object({ type: z.literal("notice"), message: z.string() }),
  z.object({ type: z.literal("finish"), name: z.string(), digest: z.string() }),
  z.object({
    type: z.literal("error"),
    code: ERROR_FIELDS.code,
    message: ERROR_FIELDS.message,
    hint: ERROR_FIELDS.hint,
  }),
])
export type JobEvent = z.infer<typeof JobEvent>
