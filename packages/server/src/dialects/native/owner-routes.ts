// What concerns the machine and its owner: who asks, keys, hardware.
import {
  CallerFacts,
  CreatedKey,
  DoctorReport,
  HardwareFacts,
  HTTP_LIMITS,
  KeySummary,
  NATIVE_PATH,
  NewKey,
  z,
} from "@fireside/protocol"
import type { Route } from "../../route.ts"
import { readFields } from "../read-fields.ts"

const owned = { dialect: "native", access: "admin" } as const

export const ownerRoutes: readonly Route[] = [
  {
    method: "GET",
    path: `${NATIVE_PATH}/caller`,
    dialect: "native",
    access: "any",
    summary: "Who the server takes you for, and what you may do.",
    response: CallerFacts,
    async handle({ caller }) {
      return { type: "json", body: { owner: caller.owner, scopes: caller.scopes } }
    },
  },
  {
    ...owned,
    method: "GET",
    path: `${NATIVE_PATH}/machine`,
    summary: "The hardware of the server's machine.",
    response: HardwareFacts,
    async handle({ app }) {
      return { type: "json", body: await app.machine() }
    },
  },
  {
    ...owned,
    method: "GET",
    path: `${NATIVE_PATH}/doctor`,
    summary: "Examine the machine and the installation.",
    response: DoctorReport,
    async handle({ app, signal }) {
      return { type: "json", body: await app.doctor(signal) }
    },
  },
  {
    ...owned,
    method: "GET",
    path: `${NATIVE_PATH}/keys`,
    summary: "List keys, newest first; never the secrets.",
    response: z.array(KeySummary),
    async handle({ app }) {
      return { type: "json", body: await app.keys.list() }
    },
  },
  {
    ...owned,
    method: "POST",
    path: `${NATIVE_PATH}/keys`,
    summary: "Make a key. It is shown this once.",
    body: { type: "json", schema: NewKey, limitBytes: HTTP_LIMITS.smallBodyBytes },
    response: CreatedKey,
    async handle({ app, body }) {
      const created = await app.keys.create(readFields(NewKey, body).value)
      return { type: "json", status: 201, body: created, headers: { "cache-control": "no-store" } }
    },
  },
  {
    ...owned,
    method: "DELETE",
    path: `${NATIVE_PATH}/keys/:id`,
    summary: "Revoke a key, by id or name.",
    response: KeySummary,
    async handle({ app, params }) {
      return { type: "json", body: await app.keys.revoke(params.id ?? "") }
    },
  },
]
