// The right to generate or embed: callers wait here until `fair-queue.ts` says that it is their turn.
import type { Clock, Log } from "@fireside/host"
import { AppError, QUEUE_LIMITS, type WaitEvent } from "@fireside/protocol"
import { interrupted } from "../patience.ts"
import { createFairQueue, type Entered, type Ticket } from "./fair-queue.ts"

export interface TurnRequest extends Ticket {
  /** Hears the position, at the beginning of the wait and whenever it changes. */
  readonly onWait?: ((event: WaitEvent) => void) | undefined
}

/** Disposing it a second time does nothing. */
export type Turn = Disposable

export interface TurnsOptions {
  readonly clock: Clock
  readonly log: Log
  /** Requests that may wait. */
  readonly queueLength: number
  /** Turns at once of a model. */
  readonly slots: (key: string) => number
}

export interface Turns {
  /**
   * Resolves when it is the request's turn. Throws `overloaded` when the queue is full or the wait took too long, `rate-limited` when the
   * owner fills its share of the queue, both with `details.retryAfterSeconds`; `interrupted`.
   */
  take(request: TurnRequest, signal: AbortSignal): Promise<Turn>
  /** The model was loaded: so many run at once. */
  resize(key: string, slots: number): void
  waitingOf(key: string): number
  readonly running: number
  readonly waiting: number
}

interface Waiter {
  readonly request: TurnRequest
  readonly begin: () => void
  readonly giveUp: (error: AppError) => void
  position: number
}

/** Of a new duration, in the running mean that `Retry-After` comes from. */
const NEWEST_WEIGHT = 0.2
const MOST_RETRY_SECONDS = 60

export function createTurns({ clock, log, queueLength, slots }: TurnsOptions): Turns {
  const { quantumTokens, shareOfOneOwner, waitMs } = QUEUE_LIMITS
  const queue = createFairQueue({ slots, length: queueLength, quantumTokens, shareOfOneOwner })
  const waiters = new Map<Ticket, Waiter>()
  /** Undefined: no turn has ended yet. */
  let turnMs: number | undefined

  function retryAfterSeconds(key: string): number {
    const ahead = queue.waitingOf(key) + 1
    const seconds = Math.ceil(((turnMs ?? 0) / 1_000) * (ahead / queue.slotsOf(key)))
    return Math.min(Math.max(seconds, 1), MOST_RETRY_SECONDS)
  }

  /** Tells those whose position is another one. */
  function announce(key: string): void {
    const order = queue.order(key)
    for (const [index, ticket] of order.entries()) {
      const waiter = waiters.get(ticket)
      const position = index + 1
      if (waiter === undefined || waiter.position === position) continue
      waiter.position = position
      try {
        waiter.request.onWait?.({ type: "queue-progress", position, waiting: order.length })
      } catch (error) {
        // Its listener must not cost another request its turn.
        log.warn("a listener of the queue failed", { error })
      }
    }
  }

  function proceed(key: string, started: readonly Ticket[]): void {
    for (const ticket of started) waiters.get(ticket)?.begin()
    announce(key)
  }

  function turnOf(ticket: Ticket): Turn {
    const startedAt = clock.monotonic()
    let isHeld = true
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return
        isHeld = false
        const took = clock.monotonic() - startedAt
        turnMs = turnMs === undefined ? took : turnMs + (took - turnMs) * NEWEST_WEIGHT
        proceed(ticket.key, queue.leave(ticket))
      },
    }
  }

  function wait(ticket: TurnRequest, signal: AbortSignal): Promise<Turn> {
    const { promise, resolve, reject } = Promise.withResolvers<Turn>()
    const stop = (): void => {
      waiters.delete(ticket)
      timer.cancel()
      signal.removeEventListener("abort", abort)
    }
    const giveUp = (error: AppError): void => {
      stop()
      reject(error)
      proceed(ticket.key, queue.leave(ticket))
    }
    const abort = (): void => giveUp(interrupted())
    const timer = clock.setTimer(waitMs, () => giveUp(late(retryAfterSeconds(ticket.key))))
    signal.addEventListener("abort", abort, { once: true })
    const begin = (): void => {
      stop()
      resolve(turnOf(ticket))
    }
    waiters.set(ticket, { request: ticket, begin, giveUp, position: 0 })
    announce(ticket.key)
    return promise
  }

  /** A full queue makes a place for an owner with few requests: the newest one of who has most goes. */
  function enter(ticket: TurnRequest): Entered {
    const entered = queue.enter(ticket)
    const greedy = entered === "full" ? queue.greediest(ticket.owner) : undefined
    if (greedy === undefined) return entered
    waiters.get(greedy)?.giveUp(shareIsFull(retryAfterSeconds(greedy.key)))
    return queue.enter(ticket)
  }

  return {
    get running() {
      return queue.running
    },
    get waiting() {
      return queue.waiting
    },
    waitingOf: (key) => queue.waitingOf(key),
    async take(request, signal) {
      if (signal.aborted) throw interrupted()
      // A ticket of its own: the same request may ask twice.
      const ticket = { ...request }
      const entered = enter(ticket)
      switch (entered) {
        case "running":
          return turnOf(ticket)
        case "waiting":
          return await wait(ticket, signal)
        case "full":
          throw full(queue.waiting, retryAfterSeconds(ticket.key))
        case "share":
          throw shareIsFull(retryAfterSeconds(ticket.key))
        default:
          return entered satisfies never
      }
    },
    resize: (key, count) => proceed(key, queue.resize(key, count)),
  }
}

function full(waiting: number, retryAfterSeconds: number): AppError {
  return new AppError("overloaded", {
    message: `The queue is full: ${waiting} requests wait for their turn.`,
    hint: `Try again in ${retryAfterSeconds} s.`,
    details: { retryAfterSeconds },
  })
}

function late(retryAfterSeconds: number): AppError {
  return new AppError("overloaded", {
    message: `The request waited ${QUEUE_LIMITS.waitMs / 1_000} s and did not have its turn.`,
    hint: `Try again in ${retryAfterSeconds} s.`,
    details: { retryAfterSeconds },
  })
}

function shareIsFull(retryAfterSeconds: number): AppError {
  return new AppError("rate-limited", {
    message: "As many requests of this key wait as one key may have in the queue while others use it.",
    hint: `Try again in ${retryAfterSeconds} s, or send fewer requests at once.`,
    details: { retryAfterSeconds },
  })
}
