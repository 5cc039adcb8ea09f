// Taking a model away, taking that back, and giving it a second name.
import {
  AppError,
  HTTP_LIMITS,
  ModelCopy,
  ModelName,
  NATIVE_PATH,
  Removal,
  RemovalQuery,
  RemovedModel,
  z,
} from "@fireside/protocol"
import { namesFile } from "../../caller.ts"
import type { Route } from "../../route.ts"
import { readFields } from "../read-fields.ts"

const changes = { dialect: "native", access: "models" } as const
const ONE = `${NATIVE_PATH}/models/:name`

export const removalRoutes: readonly Route[] = [
  {
    ...changes,
    method: "DELETE",
    path: ONE,
    summary: "Remove a model. It can be had back for a day, unless it is to be gone for good.",
    query: RemovalQuery,
    response: Removal,
    async handle({ app, params, query }) {
      const { forGood } = readFields(RemovalQuery, query).value
      const name = libraryName(params.name ?? "", "name")
      return { type: "json", body: await app.models.remove(name, { undoable: forGood !== "true" }) }
    },
  },
  {
    ...changes,
    method: "POST",
    path: `${ONE}/copy`,
    summary: "Give a model a second name; both share its files.",
    body: { type: "json", schema: ModelCopy, limitBytes: HTTP_LIMITS.smallBodyBytes },
    async handle({ app, params, body }) {
      const from = libraryName(params.name ?? "", "name")
      const to = libraryName(readFields(ModelCopy, body).value.to, "to")
      const isTaken = (await app.models.list()).some(({ name }) => isSameName(name, to))
      if (isTaken)
        throw new AppError("already-exists", {
          message: `There is a model ${to} already.`,
          hint: "Choose another name.",
          details: { name: to },
        })
      await app.models.copy(from, to)
      return { type: "empty", status: 204 }
    },
  },
  {
    ...changes,
    method: "GET",
    path: `${NATIVE_PATH}/removed-models`,
    summary: "Models that were removed and can be had back, the newest removal first.",
    response: z.array(RemovedModel),
    async handle({ app }) {
      return { type: "json", body: await app.models.removed() }
    },
  },
  {
    ...changes,
    method: "POST",
    path: `${NATIVE_PATH}/models/restore`,
    summary: "Take a removal back.",
    body: { type: "json", schema: ModelName, limitBytes: HTTP_LIMITS.smallBodyBytes },
    response: ModelName,
    async handle({ app, body }) {
      const { name } = readFields(ModelName, body).value
      return { type: "json", body: await app.models.restore(libraryName(name, "name")) }
    },
  },
]

const isSameName = (one: string, other: string): boolean =>
  [other, `${other}:latest`].some((name) => name.toLowerCase() === one.toLowerCase())

/** Over HTTP only what the library has by name is changed, never this machine's files, whoever asks. */
function libraryName(name: string, field: string): string {
  if (!namesFile(name)) return name
  throw new AppError("bad-request", {
    message: `\`${field}\` is a path; name a model of the library.`,
    hint: "GET /api/fireside/v1/models lists what there is.",
    details: { field },
  })
}
