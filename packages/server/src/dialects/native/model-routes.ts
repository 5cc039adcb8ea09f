// Models: what there is, what is loaded, loading and unloading. Getting models is a job.
import {
  AppError,
  ContextChoice,
  defined,
  HTTP_LIMITS,
  ModelDetails,
  ModelSummary,
  NATIVE_PATH,
  NamedModel,
  NativeLoad,
  NativeLoaded,
  RunningModel,
  Stopped,
  z,
} from "@fireside/protocol"
import type { Route } from "../../route.ts"
import { readFields } from "../read-fields.ts"
import { readRunOptions } from "./run-options.ts"

export const modelRoutes: readonly Route[] = [
  {
    method: "GET",
    path: `${NATIVE_PATH}/models`,
    dialect: "native",
    access: "any",
    summary: "List the models of the library.",
    response: z.array(ModelSummary),
    async handle({ app }) {
      return { type: "json", body: await app.models.list() }
    },
  },
  {
    method: "GET",
    path: `${NATIVE_PATH}/models/:name`,
    dialect: "native",
    access: "any",
    summary: "Everything about one model.",
    response: ModelDetails,
    async handle({ app, params }) {
      const name = params.name ?? ""
      return { type: "json", body: await app.models.show(name) }
    },
  },
  {
    method: "GET",
    path: `${NATIVE_PATH}/models/:name/contexts`,
    dialect: "native",
    access: "any",
    summary: "With how much context a model could be loaded here, and what it takes.",
    response: z.array(ContextChoice),
    async handle({ app, params }) {
      return { type: "json", body: [...(await app.models.contexts(params.name ?? ""))] }
    },
  },
  {
    method: "GET",
    path: `${NATIVE_PATH}/running`,
    dialect: "native",
    access: "any",
    summary: "List the models that are loaded.",
    response: z.array(RunningModel),
    async handle({ app }) {
      return { type: "json", body: await app.models.running() }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/load`,
    dialect: "native",
    access: "models",
    summary: "Load a model without asking it anything.",
    body: { type: "json", schema: NativeLoad, limitBytes: HTTP_LIMITS.smallBodyBytes },
    response: NativeLoaded,
    async handle({ app, caller, body, signal }) {
      const { model, contextLength, ...run } = readFields(NativeLoad, body).value
      const request = defined({ model, contextLength })
      return { type: "json", body: await app.load(request, readRunOptions(caller, run), signal) }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/stop`,
    dialect: "native",
    access: "models",
    summary: "Unload one model wherever it is loaded.",
    body: { type: "json", schema: NamedModel, limitBytes: HTTP_LIMITS.smallBodyBytes },
    response: Stopped,
    async handle({ app, body, signal }) {
      const { model } = readFields(NamedModel, body).value
      return { type: "json", body: { stopped: await app.models.stop(model, signal) } }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/unload`,
    dialect: "native",
    access: "models",
    summary: "Unload every model that is loaded.",
    body: { type: "json", schema: z.object({}), limitBytes: HTTP_LIMITS.smallBodyBytes, optional: true },
    response: Stopped,
    async handle({ app, signal }) {
      let stopped = 0
      for (const name of new Set((await app.models.running()).map((model) => model.name)))
        stopped += await stopIfLoaded(() => app.models.stop(name, signal))
      return { type: "json", body: { stopped } }
    },
  },
]

/** One that was unloaded meanwhile is what was wanted. */
async function stopIfLoaded(stop: () => Promise<number>): Promise<number> {
  try {
    return await stop()
  } catch (error) {
    if (error instanceof AppError && error.code === "model-not-found") return 0
    throw error
  }
}
