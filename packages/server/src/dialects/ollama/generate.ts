// `POST /api/generate`: one prompt. By default it is a user's turn in the model's template; `raw` is text as it stands, `suffix` asks for the
// middle between two texts, `context` goes on with an earlier answer.

import type { CompletionRequest } from "@fireside/app"
import { AppError, type ChatEvent, type ChatRequest, type Message, z } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { badField } from "../refuse.ts"
import {
  ANSWER_FIELDS,
  type AnswerWish,
  lacks,
  readAnswerFields,
  readBody,
  requireThinking,
  runOptions,
} from "./answer-fields.ts"
import { contextAfter, renderContinuation } from "./continue-context.ts"
import { readImages, WireImages } from "./messages.ts"
import { type AnswerOptions, loadOrUnload, replyWithAnswer } from "./reply-with-answer.ts"
import { fitContext } from "./trained-context.ts"

const GenerateBody = z.object({
  ...ANSWER_FIELDS,
  /** Empty or left out: the model is loaded. */
  prompt: z.string().optional(),
  suffix: z.string().optional(),
  system: z.string().optional(),
  /** Refused: a template belongs to a model. */
  template: z.string().optional(),
  context: z.array(z.int().min(0)).optional(),
  raw: z.boolean().optional(),
  images: WireImages,
})
type GenerateBody = z.output<typeof GenerateBody>

/** What the prompt is. */
type GenerateTask =
  | { readonly type: "load" }
  | { readonly type: "chat"; readonly messages: Message[] }
  | { readonly type: "raw"; readonly text: string }
  | { readonly type: "infill"; readonly prefix: string; readonly suffix: string }
  | { readonly type: "continue"; readonly context: readonly number[]; readonly prompt: string }

export interface DecodedGenerate {
  readonly model: string
  readonly task: GenerateTask
  readonly wish: AnswerWish
  readonly ignored: readonly string[]
}

/** Throws `bad-request` with the field, `unsupported` for what is refused by name. */
export function decodeGenerate(body: unknown): DecodedGenerate {
  const { value, ignored } = readBody(GenerateBody, body)
  const wish = readAnswerFields(value)
  const task = readTask(value)
  const names = [...ignored, ...wish.ignored]
  // The context begins with the system text of its first request.
  if (task.type === "continue" && isGiven(value.system)) names.push("system")
  if (task.type === "continue" && wish.think === true)
    throw new AppError("unsupported", {
      message: "`context` cannot be continued with `think`: tokens do not say what was thought.",
      hint: "Use /api/chat, which takes the whole conversation.",
      details: { field: "context" },
    })
  return { model: value.model, task, wish, ignored: names }
}

const isGiven = (text: string | undefined): text is string => text !== undefined && text !== ""

function readTask(value: GenerateBody): GenerateTask {
  const { prompt = "", suffix, system, context = [] } = value
  const images = readImages(value.images, "images")
  if (isGiven(value.template))
    throw new AppError("unsupported", {
      message: "`template` cannot be given with a request.",
      hint: "Make a model that has it: POST /api/create with `from` and `template`, which is written in Jinja.",
      details: { field: "template" },
    })
  if (value.raw === true && (isGiven(system) || context.length > 0))
    throw badField("raw", "raw mode does not support system or context")
  if (prompt === "" && !isGiven(suffix) && images.length === 0) return { type: "load" }
  const mode = isGiven(suffix)
    ? "suffix"
    : value.raw === true
      ? "raw"
      : context.length > 0
        ? "context"
        : "chat"
  if (mode !== "chat" && images.length > 0)
    throw badField("images", `images cannot be given together with \`${mode}\``)
  switch (mode) {
    case "suffix":
      return { type: "infill", prefix: prompt, suffix: suffix ?? "" }
    case "raw":
      return { type: "raw", text: prompt }
    case "context":
      return { type: "continue", context, prompt }
    case "chat":
      return {
        type: "chat",
        messages: [
          ...(isGiven(system) ? [{ role: "system", content: system } as const] : []),
          { role: "user", content: prompt, ...(images.length === 0 ? {} : { images }) },
        ],
      }
    default:
      return mode satisfies never
  }
}

async function generate(exchange: Exchange): Promise<Reply> {
  const { model, task, wish: wished, ignored } = decodeGenerate(exchange.body)
  const { keepAliveMs, stream, generation } = wished
  const { contextLength, notices } = await fitContext(exchange, model, generation.contextLength)
  const fitted = contextLength === undefined ? {} : { contextLength }
  const wish: AnswerWish = { ...wished, generation: { ...generation, ...fitted } }
  const answer: AnswerOptions = { form: "generate", model, stream, ignored, notices }
  switch (task.type) {
    case "load":
      return loadOrUnload(exchange, { ...answer, contextLength, keepAliveMs })
    case "chat":
      await requireThinking(exchange, model, wish.think)
      return await chatOnce(exchange, task.messages, { model, wish, answer })
    case "raw": {
      const events = complete(exchange, { model, prompt: { type: "rendered", text: task.text } }, wish)
      return await replyWithAnswer(exchange, events, answer)
    }
    case "infill": {
      if (await lacks(exchange, model, "insert"))
        throw new AppError("unsupported", {
          message: `${JSON.stringify(model)} does not support insert.`,
          hint: "Choose a model whose capabilities name it, such as qwen2.5-coder.",
          details: { field: "suffix" },
        })
      const { prefix, suffix } = task
      const events = complete(exchange, { model, prompt: { type: "infill", prefix, suffix } }, wish)
      return await replyWithAnswer(exchange, events, answer)
    }
    case "continue":
      return await continueContext(exchange, task, { model, wish, answer })
    default:
      return task satisfies never
  }
}

interface Asked {
  readonly model: string
  readonly wish: AnswerWish
  readonly answer: AnswerOptions
}

async function chatOnce(
  exchange: Exchange,
  messages: Message[],
  { model, wish, answer }: Asked,
): Promise<Reply> {
  const { app, signal } = exchange
  const request: ChatRequest = {
    model,
    messages,
    ...wish.generation,
    ...(wish.think === undefined ? {} : { think: wish.think }),
    ...(wish.overflow === undefined ? {} : { overflow: wish.overflow }),
  }
  const events = app.chat(request, runOptions(exchange, wish.keepAliveMs), signal)
  return replyWithAnswer(exchange, events, {
    ...answer,
    async findTail(text) {
      const { tokens } = await app.render(request, signal)
      return { context: await contextAfter(app, { model, promptTokens: tokens, text }, signal) }
    },
  })
}

async function continueContext(
  exchange: Exchange,
  { context, prompt }: Extract<GenerateTask, { type: "continue" }>,
  { model, wish, answer }: Asked,
): Promise<Reply> {
  const { app, signal } = exchange
  const { contextLength } = wish.generation
  // Nothing tells thinking from answering in what follows tokens, so a model that can think is told not to.
  const thinks = wish.think === false || !(await lacks(exchange, model, "thinking"))
  const continuation = await renderContinuation(
    app,
    {
      model,
      prompt,
      ...(contextLength === undefined ? {} : { contextLength }),
      ...(thinks ? { think: false } : {}),
    },
    signal,
  )
  const tokens = [...context, ...continuation]
  return replyWithAnswer(exchange, complete(exchange, { model, prompt: { type: "tokens", tokens } }, wish), {
    ...answer,
    findTail: async (text) => ({
      context: await contextAfter(app, { model, promptTokens: tokens, text }, signal),
    }),
  })
}

function complete(
  exchange: Exchange,
  request: Pick<CompletionRequest, "model" | "prompt">,
  { generation, keepAliveMs }: AnswerWish,
): AsyncIterable<ChatEvent> {
  return exchange.app.complete(
    { ...request, ...generation },
    runOptions(exchange, keepAliveMs),
    exchange.signal,
  )
}

export const generateRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/generate",
    dialect: "ollama",
    access: "chat",
    summary: "The answer to one prompt, as lines of JSON or, with `stream: false`, as one object.",
    body: { type: "json", schema: GenerateBody },
    handle: generate,
  },
]
