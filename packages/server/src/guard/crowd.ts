// How many requests that make a model work are inside. The app's queue is bounded itself; here a crowd is turned away before its bodies are
// read, so that refusing costs little and those who are inside go on. Who dribbles a body only waits outside: a place is for those who bring something.
import { AppError } from "@fireside/protocol"

export interface Crowd {
  /** Throws `overloaded`. */
  enter(owner: string): Place
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
  const insideBy = new Map<string, number>()
  return {
    enter(owner) {
      let state: "inside" | "outside" | "gone" = "outside"
      const place: Place = {
        stepIn() {
          if (state !== "outside") return
          const most = capacity()
          const own = insideBy.get(owner) ?? 0
          const owners = insideBy.size + (own > 0 ? 0 : 1)
          // Who has less than its part is let in also when others fill the room: the app's queue makes a place for it.
          if (inside >= most && (owners === 1 || own >= most / owners))
            throw new AppError("overloaded", {
              message: `${inside} requests are being answered or wait already.`,
              hint: "Try again in a moment.",
              details: { retryAfterSeconds: 1 },
            })
          inside += 1
          insideBy.set(owner, own + 1)
          state = "inside"
        },
        stepOut() {
          if (state !== "inside") return
          inside -= 1
          const left = (insideBy.get(owner) ?? 1) - 1
          if (left > 0) insideBy.set(owner, left)
          else insideBy.delete(owner)
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
