// How many requests that make a model work are inside. The app's queue is bounded itself; here a crowd is turned away before its bodies are
// read, so that refusing costs little and those who are inside go on.
import { AppError } from "@fireside/protocol"

export interface Crowd {
  /** Throws `overloaded`. The result is called when the request is answered; a second call does nothing. */
  enter(): () => void
}

export function createCrowd(capacity: () => number): Crowd {
  let inside = 0
  return {
    enter() {
      if (inside >= capacity())
        throw new AppError("overloaded", {
          message: `${inside} requests are being answered or wait already.`,
          hint: "Try again in a moment.",
          details: { retryAfterSeconds: 1 },
        })
      inside += 1
      let isInside = true
      return () => {
        if (isInside) inside -= 1
        isInside = false
      }
    },
  }
}
