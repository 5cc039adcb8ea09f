// What the machine and the loaded models do at this moment: cheap enough to be asked every second.
import { z } from "zod"

export const LiveActivity = z.object({
  /** When it was looked at. */
  at: z.string(),
  /** Of all processors together, by whomever, since the look before: 0 is idle, 1 is all of them busy. Null at the first look. */
  processorShare: z.number().min(0).max(1).nullable(),
  processors: z.int().min(1),
  memory: z.object({
    totalBytes: z.int().min(0),
    availableBytes: z.int().min(0),
    /** What a control group allows, where one does; else the total. */
    limitBytes: z.int().min(0),
  }),
  queue: z.object({
    running: z.int().min(0),
    waiting: z.int().min(0),
    /** Requests that have room: those that run at once, and those that wait. */
    capacity: z.int().min(0),
  }),
  /** Those that this server has loaded. */
  models: z.array(
    z.object({
      name: z.string(),
      /** Answers that are being written. */
      streams: z.int().min(0),
      queued: z.int().min(0),
      /** Of its process, as planned. */
      memoryBytes: z.int().min(0),
      /** Pieces of text of all its answers in the last seconds, nearly one for each token; null: it writes nothing now. */
      tokensPerSecond: z.number().min(0).nullable(),
    }),
  ),
})
export type LiveActivity = z.infer<typeof LiveActivity>
