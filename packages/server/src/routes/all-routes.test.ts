// Every route × every credential, out of the table itself. A route that is not in `ACCESS` fails: whoever adds one says who may use it.
import { createFakeApp, type FakeApp } from "@fireside/app/testing"
import { SILENT_LOG, SYSTEM_CLOCK } from "@fireside/host"
import type { KeySummary, Scope } from "@fireside/protocol"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createListener } from "../create-listener.ts"
import { createMeter } from "../metrics/create-meter.ts"
import type { Access } from "../route.ts"
import { allRoutes } from "./all-routes.ts"

/** Who may use what. Read it as a person would: does anything here surprise you? */
const ACCESS: Readonly<Record<string, Access>> = {}

const SCOPES: readonly Scope[] = ["chat", "embed", "models", "admin"]
const keyOf = (name: string): string => `fs-${name.padEnd(43, "x")}`

const meter = createMeter(() => ({ running: 0, waiting: 0, models: [] }))
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
    allowedOrigins: [],
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
    isClosing: () => false,
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
  return answer.statusCode === 403 && answer.body.includes("has not the scope") ? "no scope" : "in"
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
