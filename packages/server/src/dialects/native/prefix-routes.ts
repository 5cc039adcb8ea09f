// Computed prefixes: what is kept on disk, computing one ahead, taking them away.
import {
  ClearedPrefixes,
  HTTP_LIMITS,
  NATIVE_PATH,
  PinnedPrefix,
  PrefixClear,
  PrefixPin,
  PrefixStatus,
} from "@fireside/protocol"
import type { Route } from "../../route.ts"
import { readFields } from "../read-fields.ts"

const owned = { dialect: "native", access: "admin" } as const
const PATH = `${NATIVE_PATH}/prefixes`

export const prefixRoutes: readonly Route[] = [
  {
    ...owned,
    method: "GET",
    path: PATH,
    summary: "Computed prefixes on disk.",
    response: PrefixStatus,
    async handle({ app }) {
      return { type: "json", body: await app.prefixes.status() }
    },
  },
  {
    ...owned,
    method: "POST",
    path: `${PATH}/clear`,
    summary: "Remove computed prefixes.",
    body: { type: "json", schema: PrefixClear, limitBytes: HTTP_LIMITS.smallBodyBytes },
    response: ClearedPrefixes,
    async handle({ app, body }) {
      return { type: "json", body: await app.prefixes.clear(readFields(PrefixClear, body).value) }
    },
  },
  {
    ...owned,
    method: "POST",
    path: `${PATH}/pins`,
    summary: "Compute a system prompt ahead.",
    body: { type: "json", schema: PrefixPin },
    response: PinnedPrefix,
    async handle({ app, body, signal }) {
      return { type: "json", body: await app.prefixes.pin(readFields(PrefixPin, body).value, signal) }
    },
  },
  {
    ...owned,
    method: "DELETE",
    path: `${PATH}/pins/:name`,
    summary: "Let a prefix that was computed ahead go.",
    async handle({ app, params }) {
      await app.prefixes.unpin(params.name ?? "")
      return { type: "empty", status: 204 }
    },
  },
]
