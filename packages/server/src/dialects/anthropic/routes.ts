// The routes that Anthropic's clients call.
import { type ChatEvent, type ChatRequest, errorBody, z } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { beginAnswer } from "../../stream/begin-answer.ts"
import { sseFrame } from "../../stream/frames.ts"
import { endWithError, throwErrors } from "../../stream/sure-ending.ts"
import { droppedHeader } from "../dropped-header.ts"
import { ignoredHeader, readFields } from "../read-fields.ts"
import { createAnswerMessage, type MessageEvent } from "./answer-message.ts"
import { decodeMessages, decodePrompt } from "./decode-messages.ts"
import { errorObject } from "./errors.ts"
import { CountBody, MessagesBody } from "./messages-body.ts"

/** `beta` says that the client knows fields which are not settled yet; it changes nothing. `anthropic-version` and `anthropic-beta` neither. */
const Query = z.object({ beta: z.string().optional() })

export const anthropicRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/v1/messages",
    dialect: "anthropic",
    access: "chat",
    summary: "Answers a conversation, as Anthropic's Messages API",
    body: { type: "json", schema: MessagesBody },
    query: Query,
    async handle(exchange) {
      const { app, caller, body, signal } = exchange
      const { value, ignored } = readFields(MessagesBody, body)
      const request = decodeMessages(value)
      const { start, events } = await beginAnswer(app.chat(request, { owner: caller.owner }, signal))
      const headers = { ...replyHeaders(exchange, ignored), ...droppedHeader(start.dropped) }
      if (value.stream !== true) {
        const answer = createAnswerMessage(request.model)
        for await (const event of throwErrors(events)) answer.push(event)
        return { type: "json", body: answer.message(), headers }
      }
      const frames = encodeStream(events, request, exchange)
      return { type: "stream", format: "sse", frames, headers, heartbeat: messageFrame({ type: "ping" }) }
    },
  },
  {
    method: "POST",
    path: "/v1/messages/count_tokens",
    dialect: "anthropic",
    access: "chat",
    summary: "Counts the tokens of a conversation with its system text and tools",
    body: { type: "json", schema: CountBody },
    query: Query,
    response: z.object({ input_tokens: z.int().min(0) }),
    async handle(exchange): Promise<Reply> {
      const { value, ignored } = readFields(CountBody, exchange.body)
      const request = decodePrompt(value)
      const { tokens } = await exchange.app.render(request, exchange.signal)
      return { type: "json", body: { input_tokens: tokens.length }, headers: replyHeaders(exchange, ignored) }
    },
  },
]

function replyHeaders({ requestId }: Exchange, ignored: readonly string[]): Readonly<Record<string, string>> {
  return { "request-id": requestId, ...ignoredHeader(ignored) }
}

/** Never throws. */
async function* encodeStream(
  events: AsyncIterable<ChatEvent>,
  { model }: ChatRequest,
  { log, requestId }: Exchange,
): AsyncGenerator<string> {
  const answer = createAnswerMessage(model)
  for await (const event of endWithError(events, log)) {
    if (event.type === "error") yield sseFrame(errorObject(errorBody(event), requestId), "error")
    else for (const wire of answer.push(event)) yield messageFrame(wire)
  }
}

function messageFrame(event: MessageEvent): string {
  return sseFrame(event, event.type)
}
