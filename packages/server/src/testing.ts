// Calling a route without a socket.
import type { App } from "@fireside/app"
import { type Log, SILENT_LOG } from "@fireside/host"
import { appFor } from "./app-for.ts"
import { type Caller, OWNER } from "./caller.ts"
import type { Meter } from "./metrics/meter.ts"
import type { Exchange, Reply, Route } from "./route.ts"
import { matchPath } from "./route-path.ts"

const UNCOUNTED: Meter = {
  request: () => {},
  answer: () => {},
  failure: () => {},
  read: async () => ({ text: "", contentType: "text/plain" }),
}

export interface RouteCall {
  readonly method?: Route["method"]
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly caller?: Caller
  readonly log?: Log
  readonly signal?: AbortSignal
}

/** Finds the route of a call and handles it. What the route throws is thrown, and so is an answer that its own schema does not describe. */
export async function callRoute(routes: readonly Route[], app: App, call: RouteCall): Promise<Reply> {
  const url = new URL(call.path, "http://localhost")
  const method = call.method ?? (call.body === undefined ? "GET" : "POST")
  for (const route of routes) {
    const params = route.method === method ? matchPath(route.path, url.pathname) : undefined
    if (params === undefined) continue
    const caller = call.caller ?? OWNER
    const exchange: Exchange = {
      app: appFor({ app, caller, meter: UNCOUNTED, now: () => 0 }),
      caller,
      body: call.body,
      bytes: (async function* () {
        if (call.body instanceof Uint8Array) yield call.body
      })(),
      params,
      query: Object.fromEntries(url.searchParams),
      headers: call.headers ?? {},
      requestId: "req-test",
      log: call.log ?? SILENT_LOG,
      now: () => 1_767_225_600,
      signal: call.signal ?? new AbortController().signal,
    }
    const reply = await route.handle(exchange)
    // What the description promises is what comes: as JSON, which knows no undefined.
    if (reply.type === "json") route.response?.parse(JSON.parse(JSON.stringify(reply.body)))
    return reply
  }
  throw new Error(`no route for ${method} ${url.pathname}`)
}

/** What a stream reply wrote, whole. */
export async function readFrames(reply: Reply): Promise<string> {
  if (reply.type !== "stream") throw new Error(`a ${reply.type} reply is no stream`)
  let text = ""
  for await (const frame of reply.frames) text += frame
  return text
}
