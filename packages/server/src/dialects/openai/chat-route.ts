// POST /v1/chat/completions
import type { Exchange, Reply, Route } from "../../route.ts"
import { SSE_HEARTBEAT } from "../../stream/frames.ts"
import { droppedHeader } from "../dropped-header.ts"
import { ignoredHeader } from "../read-fields.ts"
import { envelope } from "./answer-envelope.ts"
import { ChatBody } from "./chat-body.ts"
import { beginChoices, collectChoices, ofChoice, type StartGeneration } from "./choices.ts"
import { type DecodedChat, decodeChat } from "./decode-chat.ts"
import { createChatStream, encodeChatChoice } from "./encode-chat.ts"
import { runOptions } from "./run-options.ts"
import { ending, streamFrames } from "./stream-frames.ts"

export const chatRoute: Route = {
  method: "POST",
  path: "/v1/chat/completions",
  dialect: "openai",
  access: "chat",
  summary: "Answers a conversation, whole or as a stream.",
  body: { type: "json", schema: ChatBody },
  async handle(exchange) {
    const chat = decodeChat(exchange.body)
    const options = runOptions(exchange, chat.keepAliveMs)
    const generations = Array.from(
      { length: chat.choices },
      (_, index): StartGeneration =>
        (signal) =>
          exchange.app.chat(ofChoice(chat.request, index), options, signal),
    )
    return chat.stream ? stream(exchange, chat, generations) : whole(exchange, chat, generations)
  },
}

async function stream(
  exchange: Exchange,
  chat: DecodedChat,
  generations: readonly StartGeneration[],
): Promise<Reply> {
  const choices = await beginChoices(generations, exchange.signal)
  const head = envelope({
    prefix: "chatcmpl",
    id: choices.start.id,
    object: "chat.completion.chunk",
    created: exchange.now(),
    model: chat.request.model,
    deterministic: choices.start.deterministic,
  })
  const options = {
    head,
    encoder: createChatStream(),
    includeUsage: chat.includeUsage,
    answersEach: chat.choices,
  }
  return {
    type: "stream",
    format: "sse",
    frames: streamFrames(choices, options, exchange),
    headers: { ...ignoredHeader(chat.ignored), ...droppedHeader(choices.start.dropped) },
    heartbeat: SSE_HEARTBEAT,
  }
}

async function whole(
  exchange: Exchange,
  chat: DecodedChat,
  generations: readonly StartGeneration[],
): Promise<Reply> {
  const answers = await collectChoices(generations, exchange.signal)
  const dropped = answers[0]?.dropped
  const logprobs = chat.request.topLogprobs !== undefined
  const head = envelope({
    prefix: "chatcmpl",
    id: answers[0]?.id ?? "",
    object: "chat.completion",
    created: exchange.now(),
    model: chat.request.model,
    deterministic: answers[0]?.deterministic,
  })
  return {
    type: "json",
    body: {
      ...head,
      choices: answers.map((answer, index) => encodeChatChoice(answer, index, { logprobs })),
      ...ending(answers, {
        answersEach: chat.choices,
        notices: answers.flatMap((answer) => answer.notices),
        dropped,
      }),
    },
    headers: { ...ignoredHeader(chat.ignored), ...droppedHeader(dropped) },
  }
}
