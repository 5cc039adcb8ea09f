// Answers: chats, completions, vectors, scores, tokens.
import {
  type ChatEvent,
  ChatRequest,
  defined,
  HTTP_LIMITS,
  InsertedSystemText,
  NATIVE_PATH,
  NamedModel,
  NativeChat,
  NativeComplete,
  NativeDetokenize,
  NativeEmbed,
  NativeEmbedded,
  NativeRendered,
  NativeRerank,
  NativeReranked,
  NativeText,
  NativeTokenize,
  NativeTokens,
} from "@fireside/protocol"
import type { Route } from "../../route.ts"
import { beginAnswer } from "../../stream/begin-answer.ts"
import { ignoredHeader, readFields } from "../read-fields.ts"
import { eventReply } from "./event-reply.ts"
import { readRunOptions } from "./run-options.ts"

export const generationRoutes: readonly Route[] = [
  {
    method: "POST",
    path: `${NATIVE_PATH}/chat`,
    dialect: "native",
    access: "chat",
    summary: "Answer a chat, as a stream of wait events and chat events.",
    body: { type: "json", schema: NativeChat },
    async handle(exchange) {
      const { app, caller, body } = exchange
      const { value, ignored } = readFields(NativeChat, body)
      const { keepAliveMs, wish, id, tellInsertedSystem, temporary, ...request } = value
      const options = readRunOptions(caller, { keepAliveMs, wish, id, tellInsertedSystem, temporary })
      const reply = await eventReply(
        (onWait, stop) => begun(app.chat(request, { ...options, onWait }, stop)),
        exchange,
      )
      return { ...reply, headers: ignoredHeader(ignored) }
    },
  },
  {
    method: "DELETE",
    path: `${NATIVE_PATH}/temporary-chats/:id`,
    dialect: "native",
    access: "chat",
    summary: "End a chat that leaves nothing: what was computed of it goes from memory.",
    async handle({ app, caller, params }) {
      await app.prefixes.endTemporary(params.id ?? "", caller.owner)
      return { type: "empty", status: 204 }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/complete`,
    dialect: "native",
    access: "chat",
    summary: "Continue a text, rendered text, tokens, or the middle between two texts.",
    body: { type: "json", schema: NativeComplete },
    async handle(exchange) {
      const { app, caller, body } = exchange
      const { value, ignored } = readFields(NativeComplete, body)
      const { keepAliveMs, wish, id, tellInsertedSystem, ...request } = value
      const options = readRunOptions(caller, { keepAliveMs, wish, id, tellInsertedSystem })
      const reply = await eventReply(
        (onWait, stop) => begun(app.complete(defined(request), { ...options, onWait }, stop)),
        exchange,
      )
      return { ...reply, headers: ignoredHeader(ignored) }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/embed`,
    dialect: "native",
    access: "embed",
    summary: "Turn texts into vectors.",
    body: { type: "json", schema: NativeEmbed, limitBytes: HTTP_LIMITS.embedBodyBytes },
    response: NativeEmbedded,
    async handle(exchange) {
      const { app, caller, body, signal } = exchange
      const { value, ignored } = readFields(NativeEmbed, body)
      const { model, texts, ...run } = value
      const answer = await app.embed({ model, texts }, readRunOptions(caller, run), signal)
      const vectors = answer.vectors.map((vector) => [...vector])
      return { type: "json", body: { ...answer, vectors }, headers: ignoredHeader(ignored) }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/rerank`,
    dialect: "native",
    access: "embed",
    summary: "Rate documents by how well they answer a question.",
    body: { type: "json", schema: NativeRerank },
    response: NativeReranked,
    async handle(exchange) {
      const { app, caller, body, signal } = exchange
      const { value, ignored } = readFields(NativeRerank, body)
      const { model, query, documents, ...run } = value
      const answer = await app.rerank({ model, query, documents }, readRunOptions(caller, run), signal)
      return { type: "json", body: answer, headers: ignoredHeader(ignored) }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/tokenize`,
    dialect: "native",
    access: "chat",
    summary: "Turn a text into the model's tokens.",
    body: { type: "json", schema: NativeTokenize },
    response: NativeTokens,
    async handle(exchange) {
      const { app, body, signal } = exchange
      const { value } = readFields(NativeTokenize, body)
      return { type: "json", body: { tokens: await app.tokenize(defined(value), signal) } }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/detokenize`,
    dialect: "native",
    access: "chat",
    summary: "Turn tokens into the text they stand for.",
    body: { type: "json", schema: NativeDetokenize },
    response: NativeText,
    async handle(exchange) {
      const { app, body, signal } = exchange
      const { value } = readFields(NativeDetokenize, body)
      return { type: "json", body: { text: await app.detokenize(value, signal) } }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/render`,
    dialect: "native",
    access: "chat",
    summary: "Show a chat as the model would see it.",
    body: { type: "json", schema: ChatRequest },
    response: NativeRendered,
    async handle(exchange) {
      const { app, body, signal } = exchange
      const { value, ignored } = readFields(ChatRequest, body)
      return { type: "json", body: await app.render(value, signal), headers: ignoredHeader(ignored) }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/inserted-system`,
    dialect: "native",
    access: "chat",
    summary: "The system text that the model's template inserts by itself.",
    body: { type: "json", schema: NamedModel, limitBytes: HTTP_LIMITS.smallBodyBytes },
    response: InsertedSystemText,
    async handle(exchange) {
      const { app, body, signal } = exchange
      const { value } = readFields(NamedModel, body)
      return { type: "json", body: { system: (await app.insertedSystem(value.model, signal)) ?? null } }
    },
  },
]

/** An answer from where it says something: what fails before is thrown. */
async function* begun(events: AsyncIterable<ChatEvent>): AsyncIterable<ChatEvent> {
  const answer = await beginAnswer(events)
  yield* answer.events
}
