// GET /v1/models and one of them, in one form for OpenAI's clients and for Anthropic's, which ask at the same address.
import type { ModelSummary } from "@fireside/protocol"
import { mayUseModel } from "../../caller.ts"
import type { Route } from "../../route.ts"

export const modelRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/models",
    dialect: "openai",
    access: "any",
    summary: "The models of the library that the caller may use.",
    async handle({ app, caller }) {
      const models = await app.models.list()
      const data = models
        .filter((model) => model.problem === undefined && mayUseModel(caller, model.name))
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
    async handle(exchange) {
      const reference = exchange.params["*"] ?? ""
      return { type: "json", body: encodeModel(await exchange.app.models.show(reference), reference) }
    },
  },
]

/** `id` is the name that it was asked by. */
function encodeModel(model: ModelSummary, id: string) {
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
