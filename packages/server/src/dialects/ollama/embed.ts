// `POST /api/embed`, and the older `POST /api/embeddings` for one text.

import type { EmbedAnswer } from "@fireside/app"
import { AppError, REQUEST_LIMITS, z } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { KeepAlive } from "../keep-alive.ts"
import { ignoredHeader } from "../read-fields.ts"
import { readBody, runOptions } from "./answer-fields.ts"
import { ModelOptions } from "./model-options.ts"
import { nanoseconds } from "./timestamps.ts"

const EMBED_FIELDS = {
  model: z.string().min(1),
  keep_alive: KeepAlive.optional(),
  options: ModelOptions.optional(),
}

const EmbedBody = z.object({
  ...EMBED_FIELDS,
  /** Empty: the model is loaded. */
  input: z.union([z.string(), z.array(z.string()).max(REQUEST_LIMITS.embedTexts)]),
  /** True: a text that is too long is cut at its end, and the answer says which. Otherwise that is an error. */
  truncate: z.boolean().optional(),
  /** Only the first numbers of each vector, brought to length 1 again. */
  dimensions: z
    .int()
    .min(1)
    .max(2 ** 20)
    .optional(),
})

const OldEmbedBody = z.object({ ...EMBED_FIELDS, prompt: z.string() })

async function embed(exchange: Exchange): Promise<Reply> {
  const { value, ignored } = readBody(EmbedBody, exchange.body)
  const { model, input, dimensions } = value
  const texts = typeof input === "string" ? (input === "" ? [] : [input]) : input
  const wish = { keepAliveMs: value.keep_alive, truncate: value.truncate === true }
  const { answer, cut } = await embedTexts(exchange, { model, texts, ...wish })
  return {
    type: "json",
    body: {
      model,
      embeddings: answer.vectors.map((vector) => [...toUnitLength(vector.subarray(0, dimensions))]),
      total_duration: nanoseconds(answer.totalMs),
      load_duration: nanoseconds(answer.loadMs),
      prompt_eval_count: answer.promptTokens,
      ...(cut.length === 0 ? {} : { fireside: { cut } }),
    },
    headers: ignoredHeader([...ignored, ...optionNames(value.options)]),
  }
}

async function embedOld(exchange: Exchange): Promise<Reply> {
  const { value, ignored } = readBody(OldEmbedBody, exchange.body)
  const { model, prompt } = value
  const wish = { keepAliveMs: value.keep_alive, truncate: false }
  const { answer } = await embedTexts(exchange, { model, texts: prompt === "" ? [] : [prompt], ...wish })
  return {
    type: "json",
    body: { embedding: [...(answer.vectors[0] ?? [])] },
    headers: ignoredHeader([...ignored, ...optionNames(value.options)]),
  }
}

/** What there is to set about an embedding is its model's context; the rest is said to be ignored. */
function optionNames(options: ModelOptions | undefined): readonly string[] {
  return Object.keys(options ?? {}).map((name) => `options.${name}`)
}

interface EmbedWish {
  readonly model: string
  readonly texts: readonly string[]
  readonly keepAliveMs: number | undefined
  readonly truncate: boolean
}

interface Embedded {
  readonly answer: EmbedAnswer
  /** Texts that were cut, by their place. */
  readonly cut: readonly number[]
}

async function embedTexts(exchange: Exchange, wish: EmbedWish): Promise<Embedded> {
  const { model, texts, keepAliveMs, truncate } = wish
  const { app, signal } = exchange
  const options = runOptions(exchange, keepAliveMs)
  if (texts.length === 0) {
    const { loadMs } = await app.load({ model }, { ...options, wish: { embeddings: true } }, signal)
    return { answer: { model, vectors: [], promptTokens: 0, loadMs, totalMs: loadMs }, cut: [] }
  }
  try {
    return { answer: await app.embed({ model, texts }, options, signal), cut: [] }
  } catch (error) {
    const contextLength = truncate ? overflownContext(error) : undefined
    if (contextLength === undefined) throw error
    const room = Math.max(1, contextLength - CONTROL_TOKENS)
    const tokens = await Promise.all(
      texts.map((text) => app.tokenize({ model, text, special: false, addBos: false }, signal)),
    )
    const shorter = texts.map((text, at) => {
      const own = tokens[at] ?? []
      return own.length > room ? own.slice(0, room) : text
    })
    const cut = shorter.flatMap((text, at) => (typeof text === "string" ? [] : [at]))
    return { answer: await app.embed({ model, texts: shorter }, options, signal), cut }
  }
}

/** Left free when a text is cut: a model puts a few tokens of its own around it, and text made of tokens may become a token more. */
const CONTROL_TOKENS = 8

function overflownContext(error: unknown): number | undefined {
  if (!(error instanceof AppError) || error.code !== "context-overflow") return undefined
  const { contextLength } = error.details
  return typeof contextLength === "number" ? contextLength : undefined
}

/** As `/api/embed` gives vectors: similarity is then the product. A vector of zeros stays. */
function toUnitLength(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  return length === 0 ? vector : vector.map((value) => value / length)
}

export const embedRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/embed",
    dialect: "ollama",
    access: "embed",
    summary: "Vectors of texts, each of length 1.",
    body: { type: "json", schema: EmbedBody },
    handle: embed,
  },
  {
    method: "POST",
    path: "/api/embeddings",
    dialect: "ollama",
    access: "embed",
    summary: "The vector of one text as the model gives it: the older form of /api/embed.",
    body: { type: "json", schema: OldEmbedBody },
    handle: embedOld,
  },
]
