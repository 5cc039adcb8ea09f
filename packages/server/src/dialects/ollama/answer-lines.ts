// The events of one answer as Ollama's lines, and the same events as its one object. Both are made of the same parts, so that they say the same.
import {
  type ChatAnswer,
  type ChatEvent,
  type Dropped,
  type FinishReason,
  fromErrorBody,
  type Timings,
  type TokenLogprob,
  type ToolCall,
  type Usage,
} from "@fireside/protocol"
import { extension } from "../extension.ts"
import { nanoseconds, nanosecondsOf } from "./timestamps.ts"

export type AnswerForm = "chat" | "generate"

export interface AnswerHead {
  readonly form: AnswerForm
  /** As the client named it. */
  readonly model: string
  readonly createdAt: string
}

/** What only the end of an answer knows. */
export interface AnswerTail {
  /** Token ids of the conversation so far. */
  readonly context?: readonly number[]
}

export type AnswerLine = Readonly<Record<string, unknown>>

/** One line for each piece, then the line that is `done`. Throws the error that the events carry. */
export async function* encodeLines(
  events: AsyncIterable<ChatEvent>,
  head: AnswerHead,
  tail: () => AnswerTail,
): AsyncGenerator<AnswerLine> {
  const notices: string[] = []
  const open = new Map<string, { callId: string; name: string; arguments: string }>()
  const unreadable: ToolCall[] = []
  let dropped: Dropped | undefined
  let calls = 0
  const line = (piece: Piece, logprobs?: readonly TokenLogprob[]): AnswerLine => ({
    ...encodePiece(head, piece),
    done: false,
    ...(logprobs === undefined ? {} : { logprobs: logprobs.map(encodeLogprob) }),
  })
  for await (const event of events) {
    switch (event.type) {
      case "start":
        dropped = event.dropped
        break
      case "text-delta":
        yield line({ text: event.text }, event.logprobs)
        break
      case "reasoning-delta":
        yield line({ thinking: event.text })
        break
      case "tool-call-start":
        open.set(event.callId, { callId: event.callId, name: event.name, arguments: "" })
        break
      case "tool-call-delta": {
        const call = open.get(event.callId)
        if (call === undefined) throw new Error(`tool-call-delta before tool-call-start: ${event.callId}`)
        call.arguments += event.arguments
        break
      }
      case "tool-call-end": {
        const call = open.get(event.callId)
        if (call === undefined) throw new Error(`tool-call-end before tool-call-start: ${event.callId}`)
        const encoded = encodeToolCall(call, calls)
        if (encoded === undefined) unreadable.push(call)
        else {
          calls += 1
          yield line({ toolCalls: [encoded] })
        }
        break
      }
      case "notice":
        notices.push(event.message)
        break
      case "finish":
        if (unreadable.length > 0) yield line({ text: unreadable.map(writtenCall).join("") })
        yield {
          ...encodePiece(head, {}),
          ...encodeEnd(event, { notices, dropped, ...tail() }),
        }
        break
      case "error":
        throw fromErrorBody(event)
      case "prompt-progress":
      case "source":
        break
      default:
        event satisfies never
    }
  }
}

/** The answer in one object. */
export function encodeAnswer(answer: ChatAnswer, head: AnswerHead, tail: AnswerTail): AnswerLine {
  const toolCalls: WireToolCall[] = []
  let text = answer.text
  for (const call of answer.toolCalls) {
    const encoded = encodeToolCall(call, toolCalls.length)
    if (encoded === undefined) text += writtenCall(call)
    else toolCalls.push(encoded)
  }
  return {
    ...encodePiece(head, {
      text,
      ...(answer.reasoning === "" ? {} : { thinking: answer.reasoning }),
      ...(toolCalls.length === 0 ? {} : { toolCalls }),
    }),
    ...encodeEnd(answer, { notices: answer.notices, dropped: answer.dropped, ...tail }),
    ...(answer.logprobs.length === 0 ? {} : { logprobs: answer.logprobs.map(encodeLogprob) }),
  }
}

/** The answer of a request that only loads or unloads a model. */
export function encodeEmptyAnswer(
  head: AnswerHead,
  {
    reason,
    loadMs,
    notices = [],
  }: { reason: "load" | "unload"; loadMs?: number; notices?: readonly string[] },
): AnswerLine {
  return {
    ...encodePiece(head, {}),
    done: true,
    done_reason: reason,
    ...(loadMs === undefined ? {} : { load_duration: nanoseconds(loadMs) }),
    ...extension({ notices }),
  }
}

/** What keeps a waiting stream: a piece of nothing, because clients read every line as JSON and know no comments. */
export const encodeHeartbeat = (head: AnswerHead): AnswerLine => ({ ...encodePiece(head, {}), done: false })

interface Piece {
  readonly text?: string
  readonly thinking?: string
  readonly toolCalls?: readonly WireToolCall[]
}

interface WireToolCall {
  readonly id: string
  readonly function: { readonly index: number; readonly name: string; readonly arguments: object }
}

function encodePiece({ form, model, createdAt }: AnswerHead, piece: Piece): AnswerLine {
  const { text = "", thinking, toolCalls } = piece
  const thought = thinking === undefined ? {} : { thinking }
  const called = toolCalls === undefined ? {} : { tool_calls: toolCalls }
  switch (form) {
    case "chat":
      return {
        model,
        created_at: createdAt,
        message: { role: "assistant", content: text, ...thought, ...called },
      }
    case "generate":
      return { model, created_at: createdAt, response: text, ...thought, ...called }
    default:
      return form satisfies never
  }
}

interface End {
  readonly notices: readonly string[]
  readonly dropped: Dropped | undefined
  readonly context?: readonly number[]
}

interface Finish {
  readonly reason: FinishReason
  readonly usage: Usage
  readonly timings: Timings
}

function encodeEnd({ reason, usage, timings }: Finish, { notices, dropped, context }: End): AnswerLine {
  const { promptTokens, cachedTokens, completionTokens } = usage
  return {
    done: true,
    // The calls say themselves that there are calls.
    done_reason: reason === "length" ? "length" : "stop",
    ...(context === undefined ? {} : { context }),
    total_duration: nanoseconds(timings.totalMs),
    load_duration: nanoseconds(timings.loadMs),
    prompt_eval_count: promptTokens,
    prompt_eval_duration: nanosecondsOf(promptTokens - cachedTokens, timings.prefillTokensPerSecond),
    eval_count: completionTokens,
    eval_duration: nanosecondsOf(completionTokens, timings.decodeTokensPerSecond),
    ...extension({ notices, dropped }),
  }
}

/** Undefined when the arguments are not the JSON of an object, which is the form that Ollama's clients read. */
function encodeToolCall(
  { callId, name, arguments: text }: ToolCall,
  index: number,
): WireToolCall | undefined {
  try {
    const value: unknown = text.trim() === "" ? {} : JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { id: callId, function: { index, name, arguments: value } }
      : undefined
  } catch {
    return undefined
  }
}

/** A call that cannot be given as one: the client sees what the model wrote, and the stream goes on. */
const writtenCall = ({ name, arguments: text }: ToolCall): string =>
  `{"name": ${JSON.stringify(name)}, "arguments": ${text}}`

function encodeLogprob({ token, bytes, logprob, top }: TokenLogprob): object {
  return {
    token,
    logprob,
    bytes,
    ...(top.length === 0
      ? {}
      : { top_logprobs: top.map((it) => ({ token: it.token, logprob: it.logprob, bytes: it.bytes })) }),
  }
}
