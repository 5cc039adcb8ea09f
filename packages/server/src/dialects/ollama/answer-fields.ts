// The fields that `/api/chat` and `/api/generate` have in common, and what they mean to us.

import type { CompletionRequest, RunOptions } from "@fireside/app"
import { AppError, OverflowPolicy, REQUEST_LIMITS, type ResponseFormat, z } from "@fireside/protocol"
import type { Exchange } from "../../route.ts"
import { KeepAlive } from "../keep-alive.ts"
import { type ReadFields, readFields } from "../read-fields.ts"
import { ModelOptions, readOptions } from "./model-options.ts"

/** For the fields of a schema; null never reaches it (see `readBody`). */
export const ANSWER_FIELDS = {
  model: z.string().min(1),
  /** Defaults to true. */
  stream: z.boolean().optional(),
  /** `json`, or a JSON schema; both are enforced. */
  format: z.union([z.enum(["json", ""]), z.record(z.string(), z.unknown())]).optional(),
  keep_alive: KeepAlive.optional(),
  think: z.union([z.boolean(), z.enum(["low", "medium", "high"])]).optional(),
  options: ModelOptions.optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: z.int().min(0).max(REQUEST_LIMITS.topLogprobs).optional(),
  /** True: leave out the oldest turns of a conversation that is too long, and say so. Otherwise that is an error. */
  truncate: z.boolean().optional(),
  /** Ours, as in every dialect; goes before `truncate`. */
  context_overflow: OverflowPolicy.optional(),
  /** Accepted: a context that is full ends the answer, nothing is ever shifted out of it. */
  shift: z.boolean().optional(),
}

const AnswerFields = z.object(ANSWER_FIELDS)
type AnswerFields = z.output<typeof AnswerFields>

/** Null at the top of a body is absent, as Go reads it. */
export function readBody<Shape extends z.ZodObject>(
  schema: Shape,
  body: unknown,
): ReadFields<z.output<Shape>> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return readFields(schema, body)
  return readFields(schema, Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null)))
}

export interface AnswerWish {
  /** What chats and plain continuations both take. */
  readonly generation: Omit<CompletionRequest, "model" | "prompt" | "stop"> & { readonly stop?: string[] }
  readonly think?: boolean
  readonly overflow?: OverflowPolicy
  readonly stream: boolean
  readonly keepAliveMs?: number
  readonly ignored: readonly string[]
}

export function readAnswerFields(fields: AnswerFields): AnswerWish {
  const { generation, ignored } = readOptions(fields.options)
  const { think, format } = fields
  const overflow = fields.context_overflow ?? (fields.truncate === true ? "drop-oldest" : undefined)
  const names = ignored.map((name) => `options.${name}`)
  // How much is thought is the model's affair; that it thinks is ours.
  if (typeof think === "string") names.push("think.level")
  return {
    generation: {
      ...generation,
      ...(format === undefined || format === "" ? {} : { responseFormat: responseFormat(format) }),
      ...(fields.logprobs === true ? { topLogprobs: fields.top_logprobs ?? 0 } : {}),
    },
    ...(think === undefined ? {} : { think: think !== false }),
    ...(overflow === undefined ? {} : { overflow }),
    stream: fields.stream ?? true,
    ...(fields.keep_alive === undefined ? {} : { keepAliveMs: fields.keep_alive }),
    ignored: names,
  }
}

function responseFormat(format: "json" | Readonly<Record<string, unknown>>): ResponseFormat {
  return format === "json" ? { type: "json" } : { type: "json-schema", schema: format }
}

export function runOptions(exchange: Exchange, keepAliveMs: number | undefined): RunOptions {
  return {
    owner: exchange.caller.owner,
    id: exchange.requestId,
    // The dialect has no place for notices that come with every answer.
    tellInsertedSystem: false,
    ...(keepAliveMs === undefined ? {} : { keepAliveMs }),
  }
}

/** Throws `unsupported`, in Ollama's words, when the request wants thinking of a model that cannot. */
export async function requireThinking(
  exchange: Exchange,
  model: string,
  think: boolean | undefined,
): Promise<void> {
  if (think !== true) return
  if (await lacks(exchange, model, "thinking"))
    throw new AppError("unsupported", {
      message: `${JSON.stringify(model)} does not support thinking.`,
      hint: "Leave `think` out, or choose a model whose capabilities name it.",
    })
}

/** False also for a model that has no file to look at: the engine knows better. */
export async function lacks(
  { app }: Exchange,
  model: string,
  capability: "thinking" | "insert",
): Promise<boolean> {
  try {
    const { capabilities } = await app.models.show(model)
    return !capabilities.includes(capability)
  } catch (error) {
    if (error instanceof AppError && error.code === "unsupported") return false
    throw error
  }
}
