// What lies where, what the machine does now, and taking everything of one's own away.
import {
  AppError,
  Erased,
  EraseRequest,
  HTTP_LIMITS,
  LiveActivity,
  NATIVE_PATH,
  StorageReport,
} from "@fireside/protocol"
import { hasModelList, mayUse } from "../../caller.ts"
import type { Exchange, Reply, Route } from "../../route.ts"
import { readFields } from "../read-fields.ts"

export const storageRoutes: readonly Route[] = [
  {
    method: "GET",
    path: `${NATIVE_PATH}/storage`,
    dialect: "native",
    access: "admin",
    summary: "What is stored where, with sizes.",
    response: StorageReport,
    async handle({ app }) {
      return { type: "json", body: await app.storage() }
    },
  },
  {
    method: "GET",
    path: `${NATIVE_PATH}/activity`,
    dialect: "native",
    access: "admin",
    summary: "What the machine and the loaded models do at this moment. May be asked every second.",
    response: LiveActivity,
    async handle({ app }) {
      return { type: "json", body: await app.liveActivity() }
    },
  },
  {
    method: "POST",
    path: `${NATIVE_PATH}/erase`,
    dialect: "native",
    access: "chat",
    summary: "Erase all conversations, responses and computed prefixes of the caller, for good.",
    body: { type: "json", schema: EraseRequest, limitBytes: HTTP_LIMITS.smallBodyBytes },
    response: Erased,
    handle: erase,
  },
]

async function erase({ app, caller, body }: Exchange): Promise<Reply> {
  const { models = false } = readFields(EraseRequest, body).value
  if (models && (!mayUse(caller, "admin") || hasModelList(caller)))
    throw new AppError("forbidden", {
      message: "This key may not erase the models of the library.",
      hint: "Leave out `models`, or use a key with the scope `admin` and without a list of models.",
      details: { field: "models" },
    })
  return { type: "json", body: await app.erase({ owner: caller.owner, models }) }
}
