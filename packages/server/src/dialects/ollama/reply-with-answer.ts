// One answer as a reply: lines as they come, or one object at the end.
import { type ChatEvent, collect } from "@fireside/protocol"
import { publicError } from "../../public-error.ts"
import type { Exchange, Reply } from "../../route.ts"
import { beginAnswer } from "../../stream/begin-answer.ts"
import { ndjsonFrame } from "../../stream/frames.ts"
import { ignoredHeader } from "../read-fields.ts"
import { runOptions } from "./answer-fields.ts"
import {
  type AnswerForm,
  type AnswerHead,
  type AnswerTail,
  encodeAnswer,
  encodeEmptyAnswer,
  encodeHeartbeat,
  encodeLines,
} from "./answer-lines.ts"
import { encodeError } from "./errors.ts"
import { createdAt } from "./timestamps.ts"

export interface AnswerOptions {
  readonly form: AnswerForm
  readonly model: string
  readonly stream: boolean
  readonly ignored: readonly string[]
  /** Told with those of the answer. */
  readonly notices: readonly string[]
  /** Asked when the answer is complete, while its model is still held. A failure costs only what it would have said. */
  readonly findTail?: (text: string) => Promise<AnswerTail>
}

/** Throws what fails before the answer begins. */
export async function replyWithAnswer(
  exchange: Exchange,
  events: AsyncIterable<ChatEvent>,
  options: AnswerOptions,
): Promise<Reply> {
  const { form, model, stream, ignored } = options
  const headers = ignoredHeader(ignored)
  const head: AnswerHead = { form, model, createdAt: createdAt(exchange.now()) }
  let tail: AnswerTail = {}
  const onEnd = async (text: string): Promise<void> => {
    try {
      tail = (await options.findTail?.(text)) ?? {}
    } catch (error) {
      exchange.log.debug("the context of an answer was not computed", { error })
    }
  }
  const begun = await beginAnswer(events)
  const watched = watchAnswer(begun.events, { notices: options.notices, onEnd })
  if (!stream) {
    const answer = await collect(watched)
    return { type: "json", body: encodeAnswer(answer, head, tail), headers }
  }
  const lines = encodeLines(watched, head, () => tail)
  const heartbeat = ndjsonFrame(encodeHeartbeat(head))
  return { type: "stream", format: "ndjson", frames: frameLines(exchange, lines), headers, heartbeat }
}

export interface EmptyAnswerOptions extends Omit<AnswerOptions, "stream" | "findTail"> {
  readonly contextLength: number | undefined
  readonly keepAliveMs: number | undefined
}

/** A request without a prompt loads its model; with a keep-alive of 0 it unloads it. */
export async function loadOrUnload(exchange: Exchange, options: EmptyAnswerOptions): Promise<Reply> {
  const { form, model, contextLength, keepAliveMs, ignored, notices } = options
  const { app, signal } = exchange
  const headers = ignoredHeader(ignored)
  const head: AnswerHead = { form, model, createdAt: createdAt(exchange.now()) }
  if (keepAliveMs === 0) {
    await app.models.stop(model, signal)
    return { type: "json", body: encodeEmptyAnswer(head, { reason: "unload" }), headers }
  }
  const request = { model, ...(contextLength === undefined ? {} : { contextLength }) }
  const { loadMs } = await app.load(request, runOptions(exchange, keepAliveMs), signal)
  return { type: "json", body: encodeEmptyAnswer(head, { reason: "load", loadMs, notices }), headers }
}

/** Lines as frames; what fails is the last one. */
export async function* frameLines(exchange: Exchange, lines: AsyncIterable<object>): AsyncGenerator<string> {
  try {
    for await (const line of lines) yield ndjsonFrame(line)
  } catch (error) {
    yield ndjsonFrame(encodeError(publicError(error, exchange.log), exchange.requestId).body)
  }
}

interface Watch {
  readonly notices: readonly string[]
  /** Has the answer's text, and is waited for before `finish` goes on. */
  readonly onEnd: (text: string) => Promise<void>
}

/** The same events, with `notices` after the start. */
async function* watchAnswer(
  events: AsyncIterable<ChatEvent>,
  { notices, onEnd }: Watch,
): AsyncGenerator<ChatEvent> {
  let text = ""
  for await (const event of events) {
    if (event.type === "text-delta") text += event.text
    if (event.type === "finish") await onEnd(text)
    yield event
    if (event.type === "start") for (const message of notices) yield { type: "notice", message }
  }
}
