// How many requests that make a model work are inside. The app's queue is bounded itself; here a crowd is turned away before its bodies are
// read, so that refusing costs little and those who are inside go on. Who has less than its part of the room is no crowd: it is let in also
// when others fill it, and the app's queue makes a place for it.
import { AppError } from "@fireside/protocol"

export interface Crowd {
  /** Throws `overloaded`. The result is called when the request is answered; a second call does nothing. */
  enter(owner: string): () => void
}

export function createCrowd(capacity: () => number): Crowd {
  let inside = 0
  const insideBy = new Map<string, number>()
  return {
    enter(owner) {
      const most = capacity()
      const own = insideBy.get(owner) ?? 0
      const owners = insideBy.size + (own > 0 ? 0 : 1)
      if (inside >= most && (owners === 1 || own >= most / owners))
        throw new AppError("overloaded", {
          message: `${inside} requests are being answered or wait already.`,
          hint: "Try again in a moment.",
          details: { retryAfterSeconds: 1 },
        })
      inside += 1
      insideBy.set(owner, own + 1)
      let isInside = true
      return () => {
        if (!isInside) return
        isInside = false
        inside -= 1
        const left = (insideBy.get(owner) ?? 1) - 1
        if (left > 0) insideBy.set(owner, left)
        else insideBy.delete(owner)
      }
    },
  }
}
