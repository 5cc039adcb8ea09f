// Stored conversations, each its caller's own.
import {
  Conversation,
  ConversationChange,
  ConversationQuery,
  ConversationRemoval,
  defined,
  HTTP_LIMITS,
  NATIVE_PATH,
  NativeTurn,
  NewStoredMessage,
  StoredMessage,
  z,
} from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { ignoredHeader, readFields } from "../read-fields.ts"
import { eventReply } from "./event-reply.ts"
import { readRunOptions } from "./run-options.ts"

const ONE = `${NATIVE_PATH}/conversations/:id`

export const conversationRoutes: readonly Route[] = [
  {
    method: "GET",
    path: `${NATIVE_PATH}/conversations`,
    dialect: "native",
    access: "chat",
    summary: "List conversations, the one that was changed last first.",
    query: ConversationQuery,
    response: z.array(Conversation),
    async handle({ app, caller, query }) {
      const page = defined(readFields(ConversationQuery, query).value)
      return { type: "json", body: await app.conversations.list(page, caller.owner) }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/conversations`,
    dialect: "native",
    access: "chat",
    summary: "Begin a conversation.",
    body: { type: "json", schema: ConversationChange, limitBytes: HTTP_LIMITS.bodyBytes, optional: true },
    response: Conversation,
    async handle({ app, caller, body }) {
      const { value, ignored } = readFields(ConversationChange, body)
      const created = await app.conversations.create(value, caller.owner)
      return { type: "json", status: 201, body: created, headers: ignoredHeader(ignored) }
    },
  },
  {
    method: "GET",
    path: ONE,
    dialect: "native",
    access: "chat",
    summary: "One conversation, without its messages.",
    response: Conversation,
    async handle({ app, caller, params }) {
      return { type: "json", body: await app.conversations.get(params.id ?? "", caller.owner) }
    },
  },
  {
    method: "PATCH",
    path: ONE,
    dialect: "native",
    access: "chat",
    summary: "Change the title, model, system text, sampling, pin, folder or tags of a conversation.",
    body: { type: "json", schema: ConversationChange },
    response: Conversation,
    async handle({ app, caller, params, body }) {
      const { value, ignored } = readFields(ConversationChange, body)
      const changed = await app.conversations.change(params.id ?? "", value, caller.owner)
      return { type: "json", body: changed, headers: ignoredHeader(ignored) }
    },
  },
  {
    method: "DELETE",
    path: ONE,
    dialect: "native",
    access: "chat",
    summary: "Put a conversation into the trash, or delete it for ever.",
    query: ConversationRemoval,
    async handle({ app, caller, params, query }) {
      const { forever = false } = readFields(ConversationRemoval, query).value
      const id = params.id ?? ""
      if (forever) await app.conversations.erase(id, caller.owner)
      else await app.conversations.remove(id, caller.owner)
      return { type: "empty", status: 204 }
    },
  },
  {
    method: "GET",
    path: `${ONE}/messages`,
    dialect: "native",
    access: "chat",
    summary: "All messages of a conversation, oldest first.",
    response: z.array(StoredMessage),
    async handle({ app, caller, params }) {
      return { type: "json", body: await app.conversations.messages(params.id ?? "", caller.owner) }
    },
  },
  {
    method: "POST",
    path: `${ONE}/messages`,
    dialect: "native",
    access: "chat",
    summary: "Store a message without asking for an answer.",
    body: { type: "json", schema: NewStoredMessage },
    response: StoredMessage,
    async handle({ app, caller, params, body }) {
      const { value } = readFields(NewStoredMessage, body)
      const stored = await app.conversations.append(params.id ?? "", defined(value), caller.owner)
      return { type: "json", status: 201, body: stored }
    },
  },
  {
    method: "POST",
    path: `${ONE}/chat`,
    dialect: "native",
    access: "chat",
    summary: "One turn: stores the question, streams the answer, stores it too.",
    body: { type: "json", schema: NativeTurn },
    handle: takeTurn,
  },
]

async function takeTurn(exchange: Exchange): Promise<Reply> {
  const { app, caller, params, body } = exchange
  const id = params.id ?? ""
  const { value, ignored } = readFields(NativeTurn, body)
  const { keepAliveMs, wish, id: answerId, tellInsertedSystem, ...turn } = value
  const options = readRunOptions(caller, { keepAliveMs, wish, id: answerId, tellInsertedSystem })
  const request = defined(turn)
  const reply = await eventReply(
    (onWait, stop) => app.conversations.chat(id, request, { ...options, onWait }, stop),
    exchange,
  )
  return { ...reply, headers: ignoredHeader(ignored) }
}
