// How many requests that make a model work are inside. The app's queue is bounded itself; here a crowd is turned away before its bodies are
// read, so that refusing costs little and those who are inside go on. Who dribbles a body only waits outside: a place is for those who bring something.
import { AppError } from "@fireside/protocol"

export interface Crowd {
  /** Throws `overloaded`. */
  enter(): Place
}

export interface Place {
  /** Gives the place to others until `stepIn`. */
  stepOut(): void
  /** Does nothing for who is inside. Throws `overloaded`. */
  stepIn(): void
  /** When the request is answered; a second call does nothing. */
  leave(): void
}

export function createCrowd(capacity: () => number): Crowd {
  let inside = 0
  return {
    enter() {
      let state: "inside" | "outside" | "gone" = "outside"
      const place: Place = {
        stepIn() {
          if (state !== "outside") return
          if (inside >= capacity())
            throw new AppError("overloaded", {
              message: `${inside} requests are being answered or wait already.`,
              hint: "Try again in a moment.",
              details: { retryAfterSeconds: 1 },
            })
          inside += 1
          state = "inside"
        },
        stepOut() {
          if (state !== "inside") return
          inside -= 1
          state = "outside"
        },
        leave() {
          place.stepOut()
          state = "gone"
        },
      }
      place.stepIn()
      return place
    },
  }
}
