// Chats that are there before somebody looks at them, put in through the API as another program would.
import type { NewStoredMessage, StoredMessage } from "@fireside/protocol"
import type { Serving } from "../serve-process.ts"

const BASE = "/api/fireside/v1/conversations"

export interface StoredChat {
  readonly id: string
  /** Of each message, in its order. */
  readonly messageIds: readonly string[]
}

export interface Said {
  readonly role: "user" | "assistant"
  readonly content: string
  readonly reasoning?: string
}

export interface ChatToStore {
  readonly title: string
  /** One message after the other, on one path. */
  readonly said: readonly Said[]
  /** Defaults to the one that repeats. */
  readonly model?: string
}

export async function storeChat(serving: Serving, chat: ChatToStore): Promise<StoredChat> {
  const { title, said, model = "echo" } = chat
  const { id } = await created<{ id: string }>(serving, BASE, { model, title })
  const messageIds: string[] = []
  for (const message of said) {
    const parentId = messageIds.at(-1)
    const body: NewStoredMessage = { message, ...(parentId === undefined ? {} : { parentId }) }
    messageIds.push((await created<StoredMessage>(serving, `${BASE}/${id}/messages`, body)).id)
  }
  return { id, messageIds }
}

async function created<Made>(serving: Serving, path: string, body: object): Promise<Made> {
  const response = await serving.post(path, body)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Made
}
