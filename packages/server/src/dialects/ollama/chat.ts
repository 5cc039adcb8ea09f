// `POST /api/chat`
import { type ChatRequest, REQUEST_LIMITS, ToolDefinition, z } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import {
  ANSWER_FIELDS,
  type AnswerWish,
  readAnswerFields,
  readBody,
  requireThinking,
  runOptions,
} from "./answer-fields.ts"
import { readMessages, WireMessage } from "./messages.ts"
import { loadOrUnload, replyWithAnswer } from "./reply-with-answer.ts"
import { fitContext } from "./trained-context.ts"

const ChatBody = z.object({
  ...ANSWER_FIELDS,
  /** Empty or left out: the model is loaded. */
  messages: z.array(WireMessage).max(REQUEST_LIMITS.messages).optional(),
  tools: z
    .array(
      z.object({
        type: z.literal("function").optional(),
        function: z.object({
          name: ToolDefinition.shape.name,
          description: z.string().nullish(),
          parameters: z.record(z.string(), z.unknown()).nullish(),
        }),
      }),
    )
    .max(REQUEST_LIMITS.tools)
    .optional(),
})

interface DecodedChat {
  readonly request: ChatRequest
  readonly wish: AnswerWish
  readonly ignored: readonly string[]
}

/** Throws `bad-request` with the field. */
function decodeChat(body: unknown): DecodedChat {
  const { value, ignored } = readBody(ChatBody, body)
  const wish = readAnswerFields(value)
  const tools = (value.tools ?? []).map(({ function: { name, description, parameters } }) => ({
    name,
    ...(typeof description === "string" ? { description } : {}),
    parameters: parameters ?? { type: "object", properties: {} },
  }))
  const request: ChatRequest = {
    model: value.model,
    messages: readMessages(value.messages ?? []),
    ...(tools.length === 0 ? {} : { tools }),
    ...wish.generation,
    ...(wish.think === undefined ? {} : { think: wish.think }),
    ...(wish.overflow === undefined ? {} : { overflow: wish.overflow }),
  }
  return { request, wish, ignored: [...ignored, ...wish.ignored] }
}

async function chat(exchange: Exchange): Promise<Reply> {
  const { request, wish, ignored } = decodeChat(exchange.body)
  const { model, think } = request
  const { keepAliveMs, stream } = wish
  const { contextLength, notices } = await fitContext(exchange, model, request.contextLength)
  if (request.messages.length === 0)
    return loadOrUnload(exchange, { form: "chat", model, contextLength, keepAliveMs, ignored, notices })
  await requireThinking(exchange, model, think)
  const fitted = contextLength === undefined ? request : { ...request, contextLength }
  const events = exchange.app.chat(fitted, runOptions(exchange, keepAliveMs), exchange.signal)
  return replyWithAnswer(exchange, events, { form: "chat", model, stream, ignored, notices })
}

export const chatRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/chat",
    dialect: "ollama",
    access: "chat",
    summary: "The next message of a conversation, as lines of JSON or, with `stream: false`, as one object.",
    body: { type: "json", schema: ChatBody },
    handle: chat,
  },
]
