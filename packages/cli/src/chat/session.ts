// The state of an interactive chat, and one turn of it. No terminal reading here: `converse.ts` does that.
import type { App } from "@fireside/app"
import { AppError, type ChatEvent, type ChatRequest, type Message } from "@fireside/protocol"
import type { Io } from "../terminal/io.ts"
import { type ChatSettings, toRequest, toRunOptions } from "./chat-settings.ts"
import { createStatusLine, printAnswer } from "./print-answer.ts"

export interface Session {
  settings: ChatSettings
  readonly messages: Message[]
  /** Notices that the user has seen. */
  readonly knownNotices: Set<string>
}

export interface TurnOptions {
  readonly app: App
  readonly io: Io
  readonly session: Session
}

/**
 * Asks with the conversation so far and adds the answer. When it is stopped, what was said of it stays in the conversation;
 * when it fails before a word, the question is taken back. Throws what the answer throws.
 */
export async function takeTurn(
  { app, io, session }: TurnOptions,
  question: string,
  signal: AbortSignal,
): Promise<void> {
  const { settings, messages } = session
  messages.push({ role: "user", content: question })
  const said = { text: "", reasoning: "" }
  const status = createStatusLine(io)
  const options = toRunOptions(settings, (name) => status.show(`loading ${name}`))
  const keep = (): void => {
    if (said.text === "" && said.reasoning === "") messages.pop()
    else
      messages.push({
        role: "assistant",
        content: said.text,
        ...(said.reasoning === "" ? {} : { reasoning: said.reasoning }),
      })
  }
  try {
    const events = app.chat(toRequest(settings, messages), options, signal)
    const { verbose, wordWrap, maxTokens } = settings
    await printAnswer(listen(events, said), {
      io,
      json: false,
      verbose,
      wordWrap,
      maxTokens,
      status,
      knownNotices: session.knownNotices,
    })
  } finally {
    status.clear()
    keep()
  }
}

async function* listen(
  events: AsyncIterable<ChatEvent>,
  said: { text: string; reasoning: string },
): AsyncIterable<ChatEvent> {
  for await (const event of events) {
    if (event.type === "text-delta") said.text += event.text
    if (event.type === "reasoning-delta") said.reasoning += event.text
    yield event
  }
}

/** Takes the last question and its answer back. Undefined when there is none. */
export function takeBack(messages: Message[]): string | undefined {
  const at = messages.findLastIndex((message) => message.role === "user")
  const question = messages[at]?.content
  if (at >= 0) messages.splice(at)
  return question
}

/** The whole conversation as it is saved. Throws `bad-request` when nothing was said. */
export function toSavedChat({ settings, messages }: Session): ChatRequest {
  if (messages.length === 0)
    throw new AppError("bad-request", { message: "There is nothing to save yet: nothing was said." })
  return toRequest(settings, messages)
}

/** A saved conversation, taken up again with the flags of this run. */
export function fromSavedChat(chat: ChatRequest, base: ChatSettings): Session {
  const [first, ...rest] = chat.messages
  const system = first?.role === "system" ? first.content : undefined
  const { model, sampling, stop, maxTokens, contextLength, think, responseFormat } = chat
  return {
    settings: {
      ...base,
      model,
      sampling: { ...sampling, ...base.sampling },
      system: base.system ?? system,
      stop: base.stop ?? stop,
      maxTokens: base.maxTokens ?? maxTokens,
      contextLength: base.contextLength ?? contextLength,
      think: base.think ?? think,
      format: base.format ?? responseFormat,
    },
    messages: system === undefined ? [...chat.messages] : rest,
    knownNotices: new Set(),
  }
}
