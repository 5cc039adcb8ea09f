// Answers of the stateful API: each remembers the conversation up to and with itself, so that the next request names only its id.
import type { Message } from "@fireside/protocol"

export interface StoredResponse {
  readonly id: string
  readonly previousId: string | null
  readonly createdAt: string
  /** The conversation up to and with this answer, without the instructions of the request. */
  readonly messages: readonly Message[]
  /** The answer as it was sent, plain JSON. */
  readonly body: unknown
}

export interface StoredResponses {
  /** Drops the owner's oldest beyond `CONVERSATION_LIMITS.responses`, and what is older than `responseAgeMs`. */
  save(response: Omit<StoredResponse, "createdAt">, owner: string): Promise<void>
  /** Throws `not-found`, also for another owner's. */
  get(id: string, owner: string): Promise<StoredResponse>
  /** Throws `not-found`, also for another owner's. */
  remove(id: string, owner: string): Promise<void>
}
