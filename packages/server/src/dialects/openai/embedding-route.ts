// POST /v1/embeddings
import { HTTP_LIMITS, REQUEST_LIMITS, z } from "@fireside/protocol"
import type { Route } from "../../route.ts"
import { KeepAlive } from "../keep-alive.ts"
import { ignoredHeader, readFields } from "../read-fields.ts"
import { refuse } from "../refuse.ts"
import { TokenId } from "./completion-body.ts"
import { runOptions } from "./run-options.ts"

const Text = z.string().min(1)
const Tokens = z.array(TokenId).min(1)

const EmbeddingBody = z.object({
  model: z.string().min(1),
  /** A text or the model's own token ids; of each also a list. */
  input: z.union([
    Text,
    z.array(Text).min(1).max(REQUEST_LIMITS.embedTexts),
    Tokens,
    z.array(Tokens).min(1).max(REQUEST_LIMITS.embedTexts),
  ]),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  /** Only the length that the model has: vectors are not cut. */
  dimensions: z.int().min(1).nullish(),
  keep_alive: KeepAlive.nullish(),
})

const EmbeddingAnswer = z.object({
  object: z.literal("list"),
  data: z.array(
    z.object({
      object: z.literal("embedding"),
      index: z.int(),
      /** Numbers, or base64 of 32-bit floats, little-endian. */
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  model: z.string(),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
})

export const embeddingRoute: Route = {
  method: "POST",
  path: "/v1/embeddings",
  dialect: "openai",
  access: "embed",
  summary: "Vectors of texts, of length one.",
  body: { type: "json", schema: EmbeddingBody, limitBytes: HTTP_LIMITS.embedBodyBytes },
  response: EmbeddingAnswer,
  async handle(exchange) {
    const { value, ignored } = readFields(EmbeddingBody, exchange.body)
    const { model, dimensions } = value
    const options = runOptions(exchange, value.keep_alive ?? undefined)
    const answer = await exchange.app.embed({ model, texts: textsOf(value.input) }, options, exchange.signal)
    const length = answer.vectors[0]?.length
    if (dimensions !== undefined && dimensions !== null && dimensions !== length)
      throw refuse("dimensions", `can only be ${length} for ${model}: vectors are not cut`)
    const encode = value.encoding_format === "base64" ? toBase64 : toNumbers
    return {
      type: "json",
      body: {
        object: "list",
        data: answer.vectors.map((vector, index) => ({
          object: "embedding",
          index,
          embedding: encode(toUnitLength(vector)),
        })),
        model,
        usage: { prompt_tokens: answer.promptTokens, total_tokens: answer.promptTokens },
      },
      headers: ignoredHeader(ignored),
    }
  },
}

function textsOf(input: z.output<typeof EmbeddingBody>["input"]): readonly (string | readonly number[])[] {
  if (typeof input === "string") return [input]
  // The schema lets no list through that holds both.
  return typeof input[0] === "number" ? [input as number[]] : (input as string[] | number[][])
}

/** OpenAI's vectors have length one, and clients take the product of two for their cosine. */
function toUnitLength(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  return length > 0 ? vector.map((value) => value / length) : vector
}

function toNumbers(vector: Float32Array): number[] {
  return Array.from(vector)
}

/** 32-bit floats, little-endian, as the official clients read them. */
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4)
  return bytes.toString("base64")
}
