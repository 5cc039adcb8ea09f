// GET /v1/models and one of them, in one form for OpenAI's clients and for Anthropic's, which ask at the same address.
import { type ModelSummary, z } from "@fireside/protocol"
import type { Route } from "../../route.ts"

const Model = z.object({
  id: z.string(),
  object: z.literal("model"),
  created: z.int(),
  owned_by: z.string(),
  context_length: z.int(),
  type: z.literal("model"),
  display_name: z.string(),
  created_at: z.string(),
})

const ModelList = z.object({
  object: z.literal("list"),
  data: z.array(Model),
  has_more: z.boolean(),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
})

export const modelRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/models",
    dialect: "openai",
    access: "any",
    summary: "The models of the library that the caller may use.",
    response: ModelList,
    async handle({ app }) {
      const models = await app.models.list()
      const data = models
        .filter((model) => model.problem === undefined)
        .map((model) => encodeModel(model, model.name))
      const ends = { first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
      return { type: "json", body: { object: "list", data, has_more: false, ...ends } }
    },
  },
  {
    method: "GET",
    // Names hold slashes, and not every client encodes them.
    path: "/v1/models/*",
    dialect: "openai",
    access: "any",
    summary: "One model of the library.",
    response: Model,
    async handle(exchange) {
      const reference = exchange.params["*"] ?? ""
      return { type: "json", body: encodeModel(await exchange.app.models.show(reference), reference) }
    },
  },
]

/** `id` is the name that it was asked by. */
function encodeModel(model: ModelSummary, id: string): z.output<typeof Model> {
  return {
    id,
    object: "model",
    created: Math.floor(Date.parse(model.modifiedAt) / 1_000),
    owned_by: "fireside",
    context_length: model.contextLength,
    type: "model",
    display_name: id,
    created_at: new Date(model.modifiedAt).toISOString(),
  }
}
