// The native routes over an app of fakes, called without a socket.
import type { App } from "@fireside/app"
import { createFakeApp, type FakeApp } from "@fireside/app/testing"
import type { KeySummary, Scope } from "@fireside/protocol"
import type { Caller } from "../../caller.ts"
import type { Reply } from "../../route.ts"
import { callRoute, type RouteCall } from "../../testing.ts"
import { nativeRoutes } from "./routes.ts"

export interface NativeWorld extends FakeApp {
  call(path: string, rest?: Omit<RouteCall, "path">): Promise<Reply>
}

/** `change` replaces use cases of the app. */
export async function createNativeWorld(change: Partial<App> = {}): Promise<NativeWorld> {
  const fake = await createFakeApp()
  const app = Object.assign(Object.create(fake.app) as App, change)
  return {
    ...fake,
    app,
    call: (path, rest = {}) => callRoute(nativeRoutes, app, { ...rest, path: `/api/fireside/v1/${path}` }),
  }
}

/** A key with these scopes, and with a list of models where one is given. */
export function keyOf(scopes: readonly Scope[], models: readonly string[] | null = null): Caller {
  const key: KeySummary = {
    id: "key-1",
    name: "guest",
    prefix: "fs-test",
    scopes: [...scopes],
    models: models === null ? null : [...models],
    requestsPerMinute: null,
    tokensPerDay: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    lastUsedAt: null,
    revokedAt: null,
    tokensToday: 0,
  }
  return { owner: "key-1", scopes, key }
}
