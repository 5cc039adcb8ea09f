// What happens to a request before its answer starts: it waits for its turn, its model is loaded. Beside `ChatEvent`, because an answer's
// events begin with `start`.
import { z } from "zod"

export const WaitEvent = z.discriminatedUnion("type", [
  /** `position` 1 is the next to have its turn. */
  z.object({ type: z.literal("queue-progress"), position: z.int().min(1), waiting: z.int().min(1) }),
  /** `fraction` 0…1; a load that tells no progress has only 0 and 1. */
  z.object({ type: z.literal("load-progress"), model: z.string(), fraction: z.number().min(0).max(1) }),
])
export type WaitEvent = z.infer<typeof WaitEvent>
