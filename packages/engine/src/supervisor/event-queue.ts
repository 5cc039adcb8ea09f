// Events on their way from the engine's process to one reader, who may be slow.
import type { ChatEvent, TokenLogprob } from "@fireside/protocol"

/** Text that may wait for a reader, bytes (UTF-16 units); above it the model is paused … */
const PAUSE_ABOVE = 256 * 1024
/** … until this much is left. */
const RESUME_BELOW = 64 * 1024
/** A model that was paused sends what it had on its way, no more: above this it does not obey. */
const FLOOD_ABOVE = 8 * 1024 * 1024

export interface EventQueueOptions {
  /** The reader cannot follow (true), or can again (false). */
  readonly onSlow: (slow: boolean) => void
  /** The model goes on though it was paused: it must be ended. Told once. */
  readonly onFlood: () => void
}

/** For one reader. Ends after `finish` or `error`. */
export class EventQueue {
  readonly #options: EventQueueOptions
  readonly #events: ChatEvent[] = []
  #waiting = 0
  #slow = false
  #flooded = false
  #wake: (() => void) | null = null
  #closed = false

  constructor(options: EventQueueOptions) {
    this.#options = options
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Dropped when the end was pushed already. */
  push(event: ChatEvent): void {
    if (this.#closed) return
    this.#closed = event.type === "finish" || event.type === "error"
    this.#events.push(event)
    this.#waiting += sizeOf(event)
    if (!this.#slow && this.#waiting > PAUSE_ABOVE && !this.#closed) {
      this.#slow = true
      this.#options.onSlow(true)
    }
    if (!this.#flooded && this.#waiting > FLOOD_ABOVE && !this.#closed) {
      this.#flooded = true
      this.#options.onFlood()
    }
    this.#wake?.()
    this.#wake = null
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChatEvent, void, void> {
    for (;;) {
      const event = this.#events.shift()
      if (event === undefined) {
        if (this.#closed) return
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        continue
      }
      this.#waiting -= sizeOf(event)
      if (this.#slow && this.#waiting < RESUME_BELOW) {
        this.#slow = false
        if (!this.#closed) this.#options.onSlow(false)
      }
      yield event
    }
  }
}

function sizeOf(event: ChatEvent): number {
  switch (event.type) {
    case "text-delta":
      return (
        32 + event.text.length + (event.logprobs?.reduce((sum, item) => sum + sizeOfLogprob(item), 0) ?? 0)
      )
    case "reasoning-delta":
      return 32 + event.text.length
    case "tool-call-delta":
      return 32 + event.arguments.length
    default:
      return 32
  }
}

function sizeOfLogprob({ token, bytes, top }: TokenLogprob): number {
  return top.reduce(
    (sum, other) => sum + 64 + other.token.length + other.bytes.length * 8,
    64 + token.length + bytes.length * 8,
  )
}
