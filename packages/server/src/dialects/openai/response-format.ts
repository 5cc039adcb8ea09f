// What the answer is bound to: OpenAI's `response_format`, and llama.cpp's own `grammar` and `json_schema`.
import { GRAMMAR_LIMITS, type ResponseFormat, z } from "@fireside/protocol"
import { refuse } from "../refuse.ts"

/** `true` and `false` are schemas too. */
const JsonSchema = z.union([z.record(z.string(), z.unknown()), z.boolean()])

const WireResponseFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  /** With a schema as llama.cpp takes it. */
  z.object({ type: z.literal("json_object"), schema: JsonSchema.nullish() }),
  z.object({ type: z.literal("json_schema"), json_schema: z.object({ schema: JsonSchema }) }),
])

/** At most one of them binds the answer. */
export const FORMAT_FIELDS = {
  response_format: WireResponseFormat.nullish(),
  /** In GBNF. */
  grammar: z.string().max(GRAMMAR_LIMITS.gbnfBytes).nullish(),
  json_schema: JsonSchema.nullish(),
}

const Fields = z.object(FORMAT_FIELDS)

/** A schema is enforced whether the client calls it strict or not. Undefined: nothing binds the answer. */
export function decodeFormat(fields: z.output<typeof Fields>): ResponseFormat | undefined {
  const format = fields.response_format ?? { type: "text" }
  // An empty text is how llama.cpp's clients write "none".
  const grammar = fields.grammar === "" ? undefined : (fields.grammar ?? undefined)
  const schema = fields.json_schema ?? undefined
  const given = [format.type !== "text", grammar !== undefined, schema !== undefined].filter(Boolean).length
  if (given > 1)
    throw refuse(
      format.type === "text" ? "grammar" : "response_format",
      "cannot be joined with another one of `response_format`, `grammar` and `json_schema`",
    )
  if (grammar !== undefined) return { type: "gbnf", grammar }
  if (schema !== undefined) return { type: "json-schema", schema }
  switch (format.type) {
    case "text":
      return undefined
    case "json_object":
      return format.schema === undefined || format.schema === null
        ? { type: "json" }
        : { type: "json-schema", schema: format.schema }
    case "json_schema":
      return { type: "json-schema", schema: format.json_schema.schema }
    default:
      return format satisfies never
  }
}
