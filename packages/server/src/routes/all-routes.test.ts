// Every route × every credential, out of the table itself. A route that is not in `ACCESS` fails: whoever adds one says who may use it.
import { createFakeApp, type FakeApp } from "@fireside/app/testing"
import { SILENT_LOG, SYSTEM_CLOCK } from "@fireside/host"
import type { KeySummary, Scope } from "@fireside/protocol"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createListener } from "../create-listener.ts"
import { createCrowd } from "../guard/crowd.ts"
import { createMeter } from "../metrics/create-meter.ts"
import type { Access } from "../route.ts"
import { allRoutes } from "./all-routes.ts"

/** Who may use what. Read it as a person would: does anything here surprise you? */
const ACCESS: Readonly<Record<string, Access>> = {
  "GET /": "public",
  "HEAD /": "public",
  "GET /c/:id": "public",
  "GET /temporary": "public",
  "GET /compare": "public",
  "GET /welcome": "public",
  "GET /models": "public",
  "GET /jobs": "public",
  "GET /privacy": "public",
  "GET /system": "public",
  "GET /settings": "public",
  "GET /help": "public",
  "GET /help/:page": "public",
  "GET /icon.svg": "public",
  "GET /manifest.webmanifest": "public",
  "GET /service-worker.js": "public",
  "GET /before-schemas.js": "public",
  "GET /assets/:file": "public",
  "GET /openapi.json": "any",
  "GET /docs": "any",
  "GET /docs/:file": "any",
  "GET /health": "public",
  "GET /metrics": "any",
  "POST /api/fireside/v1/stop-server": "admin",
  "POST /v1/chat/completions": "chat",
  "POST /v1/completions": "chat",
  "POST /v1/embeddings": "embed",
  "GET /v1/models": "any",
  "GET /v1/models/*": "any",
  "POST /v1/rerank": "embed",
  "POST /rerank": "embed",
  "POST /v1/reranking": "embed",
  "POST /reranking": "embed",
  "POST /infill": "chat",
  "POST /v1/infill": "chat",
  "POST /tokenize": "chat",
  "POST /v1/tokenize": "chat",
  "POST /detokenize": "chat",
  "POST /v1/detokenize": "chat",
  "POST /apply-template": "chat",
  "POST /v1/apply-template": "chat",
  "POST /api/fireside/v1/chat": "chat",
  "POST /api/fireside/v1/complete": "chat",
  "POST /api/fireside/v1/embed": "embed",
  "POST /api/fireside/v1/rerank": "embed",
  "POST /api/fireside/v1/tokenize": "chat",
  "POST /api/fireside/v1/detokenize": "chat",
  "POST /api/fireside/v1/prefixes/clear": "admin",
  "POST /api/fireside/v1/prefixes/pins": "admin",
  "POST /api/fireside/v1/render": "chat",
  "POST /api/fireside/v1/inserted-system": "chat",
  "GET /api/fireside/v1/models": "any",
  "GET /api/fireside/v1/models/:name": "any",
  "GET /api/fireside/v1/welcome": "models",
  "GET /api/fireside/v1/catalogue": "models",
  "DELETE /api/fireside/v1/models/:name": "models",
  "POST /api/fireside/v1/models/:name/copy": "models",
  "POST /api/fireside/v1/models/restore": "models",
  "GET /api/fireside/v1/removed-models": "models",
  "GET /api/fireside/v1/running": "any",
  "POST /api/fireside/v1/load": "models",
  "POST /api/fireside/v1/stop": "models",
  "POST /api/fireside/v1/unload": "models",
  "GET /api/fireside/v1/conversations": "chat",
  "POST /api/fireside/v1/conversations": "chat",
  "GET /api/fireside/v1/conversations/search": "chat",
  "GET /api/fireside/v1/conversations/labels": "chat",
  "GET /api/fireside/v1/conversations/changes": "chat",
  "GET /api/fireside/v1/conversations/export": "chat",
  "POST /api/fireside/v1/conversations/import": "chat",
  "POST /api/fireside/v1/conversations/empty-trash": "chat",
  "GET /api/fireside/v1/conversations/:id/export": "chat",
  "POST /api/fireside/v1/conversations/:id/restore": "chat",
  "POST /api/fireside/v1/conversations/:id/title": "chat",
  "GET /api/fireside/v1/conversations/:id": "chat",
  "PATCH /api/fireside/v1/conversations/:id": "chat",
  "DELETE /api/fireside/v1/conversations/:id": "chat",
  "GET /api/fireside/v1/conversations/:id/messages": "chat",
  "POST /api/fireside/v1/conversations/:id/messages": "chat",
  "POST /api/fireside/v1/conversations/:id/chat": "chat",
  "POST /api/fireside/v1/conversations/:id/summary": "chat",
  "DELETE /api/fireside/v1/temporary-chats/:id": "chat",
  "GET /api/fireside/v1/prompts": "chat",
  "POST /api/fireside/v1/prompts": "chat",
  "PATCH /api/fireside/v1/prompts/:id": "chat",
  "DELETE /api/fireside/v1/prompts/:id": "chat",
  "GET /api/fireside/v1/models/:name/contexts": "any",
  "GET /api/fireside/v1/jobs": "models",
  "POST /api/fireside/v1/jobs": "models",
  "GET /api/fireside/v1/jobs/:id": "models",
  "GET /api/fireside/v1/jobs/:id/events": "models",
  "POST /api/fireside/v1/jobs/:id/cancel": "models",
  "POST /api/fireside/v1/jobs/:id/resume": "models",
  "GET /api/fireside/v1/caller": "any",
  "POST /api/fireside/v1/bench": "admin",
  "GET /api/fireside/v1/bench": "admin",
  "GET /api/fireside/v1/machine": "admin",
  "GET /api/fireside/v1/doctor": "admin",
  "GET /api/fireside/v1/prefixes": "admin",
  "GET /api/fireside/v1/privacy": "admin",
  "GET /api/fireside/v1/ledger": "admin",
  "GET /api/fireside/v1/lock": "admin",
  "PUT /api/fireside/v1/lock": "admin",
  "POST /api/fireside/v1/allowed-hosts": "admin",
  "DELETE /api/fireside/v1/allowed-hosts/:host": "admin",
  "GET /api/fireside/v1/keys": "admin",
  "POST /api/fireside/v1/keys": "admin",
  "DELETE /api/fireside/v1/keys/:id": "admin",
  "DELETE /api/fireside/v1/prefixes/pins/:name": "admin",
  "GET /api/fireside/v1/settings": "admin",
  "PUT /api/fireside/v1/settings/:key": "admin",
  "GET /api/fireside/v1/storage": "admin",
  "GET /api/fireside/v1/activity": "admin",
  "POST /api/fireside/v1/erase": "chat",
  "GET /api/version": "public",
  "HEAD /api/version": "public",
  "GET /api/tags": "any",
  "HEAD /api/tags": "any",
  "GET /api/ps": "any",
  "POST /api/show": "any",
  "POST /api/generate": "chat",
  "POST /api/chat": "chat",
  "POST /api/embed": "embed",
  "POST /api/embeddings": "embed",
  "POST /api/pull": "models",
  "POST /api/create": "models",
  "POST /api/copy": "models",
  "DELETE /api/delete": "models",
  "HEAD /api/blobs/:digest": "models",
  "POST /api/blobs/:digest": "models",
  "POST /api/push": "models",
  "POST /v1/responses": "chat",
  "GET /v1/responses/:id": "chat",
  "DELETE /v1/responses/:id": "chat",
  "GET /v1/responses/:id/input_items": "chat",
  "POST /v1/messages": "chat",
  "POST /v1/messages/count_tokens": "chat",
}

const SCOPES: readonly Scope[] = ["chat", "embed", "models", "admin"]
const keyOf = (name: string): string => `fs-${name.padEnd(43, "x")}`

const meter = createMeter(() => ({ running: 0, waiting: 0, capacity: 1, models: [] }))
const routes = allRoutes({ meter, version: "0.0.0", requestStop: () => {} })
const nameOf = (route: { readonly method: string; readonly path: string }): string =>
  `${route.method} ${route.path}`

let fake: FakeApp
let listener: FastifyInstance
beforeAll(async () => {
  fake = await createFakeApp()
  const app: FakeApp["app"] = {
    ...fake.app,
    keys: {
      ...fake.app.keys,
      any: async () => true,
      admit: async () => {},
      spend: async () => {},
      authenticate: async (secret) => {
        const scope = SCOPES.find((it) => keyOf(it) === secret)
        return scope === undefined ? undefined : summary(scope)
      },
    },
  }
  listener = createListener({
    app,
    log: SILENT_LOG,
    clock: SYSTEM_CLOCK,
    meter,
    allowedOrigins: new Set(),
    routes,
    tls: undefined,
    hosts: new Set(["localhost"]),
    authentication: {
      keys: app.keys,
      token: "the-token-of-this-run",
      isOpen: false,
      // Guessing is its own test; here the same address tries wrong keys on every route.
      wrongKeys: { check: () => {}, count: () => {} },
    },
    stopping: new AbortController().signal,
    closing: new AbortController().signal,
    crowd: createCrowd(() => 1_000),
  })
  await listener.ready()
})
afterAll(async () => {
  await listener.close()
  await fake[Symbol.asyncDispose]()
})

function summary(scope: Scope): KeySummary {
  return {
    id: scope,
    name: scope,
    prefix: "fs-test",
    scopes: [scope],
    models: null,
    requestsPerMinute: null,
    tokensPerDay: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    lastUsedAt: null,
    revokedAt: null,
    tokensToday: 0,
  }
}

/** `in`: past the door, whatever the route then says of an empty request. */
type Verdict = "in" | "no key" | "no scope"

async function verdict(route: (typeof routes)[number], credential: string | undefined): Promise<Verdict> {
  const url = route.path.replaceAll(/:\w+/g, "none").replace("*", "none")
  const answer = await listener.inject({
    method: route.method,
    url,
    headers: {
      host: "localhost",
      "content-type": "application/json",
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
    },
    ...(route.method === "GET" || route.method === "HEAD" ? {} : { payload: "{}" }),
  })
  if (answer.statusCode === 401) return "no key"
  // The answer to HEAD has no words.
  const isScope = route.method === "HEAD" || answer.body.includes("has not the scope")
  return answer.statusCode === 403 && isScope ? "no scope" : "in"
}

function expected(access: Access, scope: Scope | undefined): Verdict {
  if (access === "public") return "in"
  if (scope === undefined) return "no key"
  return access === "any" || access === scope || scope === "admin" ? "in" : "no scope"
}

test("every route has an entry, and every entry a route", () => {
  expect(Object.fromEntries(routes.map((route) => [nameOf(route), route.access]))).toEqual(ACCESS)
})

test("no route is there twice", () => {
  expect(new Set(routes.map(nameOf)).size).toBe(routes.length)
})

describe.each(routes.map((route) => ({ name: nameOf(route), route })))("$name", ({ route }) => {
  test("without a key, with a wrong one, with each scope, as the owner", async () => {
    const verdicts = {
      none: await verdict(route, undefined),
      wrong: await verdict(route, keyOf("wrong")),
      chat: await verdict(route, keyOf("chat")),
      embed: await verdict(route, keyOf("embed")),
      models: await verdict(route, keyOf("models")),
      admin: await verdict(route, keyOf("admin")),
      owner: await verdict(route, "the-token-of-this-run"),
    }
    const { access } = route
    expect(verdicts).toEqual({
      none: expected(access, undefined),
      wrong: expected(access, undefined),
      chat: expected(access, "chat"),
      embed: expected(access, "embed"),
      models: expected(access, "models"),
      admin: expected(access, "admin"),
      owner: "in",
    })
  })
})
