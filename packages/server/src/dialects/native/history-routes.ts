// Stored conversations as a whole: found, followed, taken out, brought in; the trash; titles by the model.
import {
  CONVERSATION_LIMITS,
  Conversation,
  type ConversationEvent,
  ConversationLabels,
  defined,
  EmptiedTrash,
  ExportQuery,
  HTTP_LIMITS,
  ImportReport,
  NATIVE_PATH,
  SearchHit,
  SearchQuery,
  SummaryWish,
  TitleWish,
  z,
} from "@fireside/protocol"
import { isJson, wrongType } from "../../guard/read-body.ts"
import type { Exchange, Reply, Route } from "../../route.ts"
import { ignoredHeader, readFields } from "../read-fields.ts"
import { eventReply } from "./event-reply.ts"

const ALL = `${NATIVE_PATH}/conversations`
const ONE = `${ALL}/:id`
const chats = { dialect: "native", access: "chat" } as const

export const historyRoutes: readonly Route[] = [
  {
    ...chats,
    method: "GET",
    path: `${ALL}/search`,
    summary: "Find words in titles and messages.",
    query: SearchQuery,
    response: z.array(SearchHit),
    async handle({ app, caller, query }) {
      const search = defined(readFields(SearchQuery, query).value)
      return { type: "json", body: await app.conversations.search(search, caller.owner) }
    },
  },
  {
    ...chats,
    method: "GET",
    path: `${ALL}/labels`,
    summary: "Folders and tags in use.",
    response: ConversationLabels,
    async handle({ app, caller }) {
      return { type: "json", body: await app.conversations.labels(caller.owner) }
    },
  },
  {
    ...chats,
    method: "GET",
    path: `${ALL}/changes`,
    summary: "What changes in your conversations, as it changes; never ends by itself.",
    follows: true,
    handle: (exchange) =>
      eventReply<ConversationEvent>(
        (_onWait, stop) => exchange.app.conversations.changes(exchange.caller.owner, stop),
        exchange,
      ),
  },
  {
    ...chats,
    method: "GET",
    path: `${ALL}/export`,
    summary: "All conversations as a file.",
    query: ExportQuery,
    handle: (exchange) => exportFile(exchange, null),
  },
  {
    ...chats,
    method: "POST",
    path: `${ALL}/import`,
    summary: "Bring in conversations of ChatGPT, Claude, Open WebUI or Fireside.",
    body: { type: "bytes", limitBytes: CONVERSATION_LIMITS.importBytes, mediaType: "application/json" },
    response: ImportReport,
    async handle({ app, caller, bytes, headers, signal }) {
      // A form of another site's page cannot send this type without asking first.
      if (!isJson(headers["content-type"])) throw wrongType(headers["content-type"])
      return { type: "json", body: await app.conversations.import(bytes, caller.owner, signal) }
    },
  },
  {
    ...chats,
    method: "POST",
    path: `${ALL}/empty-trash`,
    summary: "Delete for ever what lies in the trash.",
    response: EmptiedTrash,
    async handle({ app, caller, signal }) {
      return { type: "json", body: { removed: await app.conversations.emptyTrash(caller.owner, signal) } }
    },
  },
  {
    ...chats,
    method: "GET",
    path: `${ONE}/export`,
    summary: "One conversation as a file.",
    query: ExportQuery,
    handle: (exchange) => exportFile(exchange, exchange.params.id ?? ""),
  },
  {
    ...chats,
    method: "POST",
    path: `${ONE}/restore`,
    summary: "Take a conversation out of the trash.",
    response: Conversation,
    async handle({ app, caller, params }) {
      return { type: "json", body: await app.conversations.restore(params.id ?? "", caller.owner) }
    },
  },
  {
    ...chats,
    method: "POST",
    path: `${ONE}/title`,
    summary: "Let the model write the title, unless somebody gave one.",
    body: { type: "json", schema: TitleWish, limitBytes: HTTP_LIMITS.smallBodyBytes, optional: true },
    response: Conversation,
    async handle({ app, caller, params, body, signal }) {
      const { value, ignored } = readFields(TitleWish, body)
      const { conversation } = await app.conversations.title(
        params.id ?? "",
        defined(value),
        { owner: caller.owner },
        signal,
      )
      return { type: "json", body: conversation, headers: ignoredHeader(ignored) }
    },
  },
  {
    ...chats,
    method: "POST",
    path: `${ONE}/summary`,
    summary: "Let the model sum up what comes before a message, and go on with that in its place.",
    body: { type: "json", schema: SummaryWish, limitBytes: HTTP_LIMITS.smallBodyBytes },
    handle: summarise,
  },
]

async function summarise(exchange: Exchange): Promise<Reply> {
  const { app, caller, params, body } = exchange
  const { value, ignored } = readFields(SummaryWish, body)
  const id = params.id ?? ""
  const reply = await eventReply(
    (onWait, stop) => app.conversations.summarise(id, defined(value), { owner: caller.owner, onWait }, stop),
    exchange,
  )
  return { ...reply, headers: ignoredHeader(ignored) }
}

async function exportFile({ app, caller, query }: Exchange, id: string | null): Promise<Reply> {
  const wish = { id, ...defined(readFields(ExportQuery, query).value) }
  const { name, contentType, pieces } = await app.conversations.export(wish, caller.owner)
  return { type: "file", name, contentType, pieces }
}
