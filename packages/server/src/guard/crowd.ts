// How many requests that make a model work are inside. The app's queue is bounded itself; here a crowd is turned away before its bodies are
// read, so that refusing costs little and those who are inside go on. Who has less than its part of the room is no crowd: it is let in also
// when others fill it, and the app's queue makes a place for it. Who dribbles a body only waits outside: a place is for those who bring something.
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
  /** Owners without a request inside are not in it. */
  const insideBy = new Map<string, number>()

  function mayComeIn(owner: string): boolean {
    const most = capacity()
    const own = insideBy.get(owner) ?? 0
    const owners = insideBy.size + (own > 0 ? 0 : 1)
    return inside < most || (owners > 1 && own < most / owners)
  }

  function count(owner: string, change: 1 | -1): void {
    inside += change
    const left = (insideBy.get(owner) ?? 0) + change
    if (left > 0) insideBy.set(owner, left)
    else insideBy.delete(owner)
  }

  return {
    enter(owner) {
      let state: "inside" | "outside" | "gone" = "outside"
      const place: Place = {
        stepIn() {
          if (state !== "outside") return
          if (!mayComeIn(owner))
            throw new AppError("overloaded", {
              message: `${inside} requests are being answered or wait already.`,
              hint: "Try again in a moment.",
              details: { retryAfterSeconds: 1 },
            })
          count(owner, 1)
          state = "inside"
        },
        stepOut() {
          if (state !== "inside") return
          count(owner, -1)
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
