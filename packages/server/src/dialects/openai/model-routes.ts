// GET /v1/models and one of them.
import type { ModelSummary } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { usableModels, useModel } from "../../use-model.ts"

const listRoute: Route = {
  method: "GET",
  path: "/v1/models",
  dialect: "openai",
  access: "any",
  summary: "The models of the library that the caller may use.",
  async handle(exchange) {
    const listed = (await exchange.app.models.list()).filter((model) => model.problem === undefined)
    const usable = await usableModels(exchange, listed)
    return {
      type: "json",
      body: { object: "list", data: usable.map((model) => encodeModel(model, model.name)) },
    }
  },
}

/** Names hold slashes, and not every client encodes them: `hf:owner/repo` comes as two segments, with a file in it as three. */
const SHOW_PATHS = ["/v1/models/:model", "/v1/models/:model/:second", "/v1/models/:model/:second/:third"]

const showRoutes = SHOW_PATHS.map(
  (path): Route => ({
    method: "GET",
    path,
    dialect: "openai",
    access: "any",
    summary: "One model of the library.",
    handle: show,
  }),
)

export const modelRoutes: readonly Route[] = [listRoute, ...showRoutes]

async function show(exchange: Exchange): Promise<Reply> {
  const { model, second, third } = exchange.params
  const reference = [model, second, third].filter((part) => part !== undefined).join("/")
  await useModel(exchange, reference)
  return { type: "json", body: encodeModel(await exchange.app.models.show(reference), reference) }
}

/** `id` is the name that it was asked by. */
function encodeModel(model: ModelSummary, id: string): Record<string, unknown> {
  return {
    id,
    object: "model",
    created: Math.floor(Date.parse(model.modifiedAt) / 1_000),
    owned_by: "fireside",
    context_length: model.contextLength,
  }
}
