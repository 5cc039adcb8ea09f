// Events on their way from the engine's process to one reader, who may be slow.
import type { ChatEvent } from "@fireside/protocol"

/** Text that may wait for a reader, bytes (UTF-16 units); above it the model is paused … */
const PAUSE_ABOVE = 256 * 1024
/** … until this much is left. */
const RESUME_BELOW = 64 * 1024

export interface EventQueueOptions {
  /** The reader cannot follow (true), or can again (false). */
  readonly onSlow: (slow: boolean) => void
}

/** For one reader. Ends after `finish` or `error`. */
export class EventQueue {
  readonly #options: EventQueueOptions
  readonly #events: ChatEvent[] = []
  #waiting = 0
  #slow = false
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
      return 32 + event.text.length + (event.logprobs?.length ?? 0) * 512
    case "reasoning-delta":
      return 32 + event.text.length
    case "tool-call-delta":
      return 32 + event.arguments.length
    default:
      return 32
  }
}
