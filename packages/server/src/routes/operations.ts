// Routes of the server itself: is it well, what are its numbers, what does it offer.

import { AppError, z } from "@fireside/protocol"
import { ollamaRoot, wantsOllamaRoot } from "../dialects/ollama/identity.ts"
import type { Meter } from "../metrics/meter.ts"
import { page } from "../page/page-routes.ts"
import type { Exchange, Reply, Route } from "../route.ts"

export interface OperationsOptions {
  readonly meter: Meter
  readonly version: string
  /** The table of everything, for its own description. */
  readonly routes: () => readonly Route[]
  /** Asks the server to stop; resolves when it has begun to. */
  readonly requestStop: () => void
}

export function operationsRoutes({
  meter,
  version,
  routes,
  requestStop,
}: OperationsOptions): readonly Route[] {
  let description: unknown
  return [
    {
      method: "GET",
      path: "/",
      dialect: "native",
      access: "public",
      summary: "The page; for Ollama's clients, which look whether a server is there, its words.",
      handle: async ({ headers }) => (wantsOllamaRoot(headers) ? ollamaRoot() : page()),
    },
    {
      method: "HEAD",
      path: "/",
      dialect: "native",
      access: "public",
      summary: "Is a server there?",
      handle: async () => ({ type: "empty", status: 200 }),
    },
    {
      method: "GET",
      path: "/openapi.json",
      dialect: "native",
      access: "any",
      summary: "This description.",
      async handle() {
        const { describeApi } = await import("../describe/openapi.ts")
        description ??= describeApi(routes(), version)
        return { type: "json", body: description }
      },
    },
    {
      method: "GET",
      path: "/docs",
      dialect: "native",
      access: "any",
      summary: "This description as a page.",
      handle: docs,
    },
    {
      method: "GET",
      path: "/docs/:file",
      dialect: "native",
      access: "any",
      summary: "A file of that page.",
      handle: docs,
    },
    {
      method: "GET",
      path: "/health",
      dialect: "native",
      access: "public",
      summary: "Is the server well?",
      response: z.object({ status: z.literal("ok"), version: z.string() }),
      // Public: it says nothing about models or their users.
      handle: async () => ({ type: "json", body: { status: "ok", version } }),
    },
    {
      method: "GET",
      path: "/metrics",
      dialect: "native",
      access: "any",
      summary: "Numbers for Prometheus.",
      async handle() {
        const { text, contentType } = await meter.read()
        return { type: "text", body: text, contentType }
      },
    },
    {
      method: "POST",
      path: "/api/fireside/v1/stop-server",
      dialect: "native",
      access: "admin",
      summary: "Stops the server when its running answers are done.",
      response: z.object({ status: z.literal("stopping") }),
      async handle() {
        requestStop()
        return { type: "json", status: 202, body: { status: "stopping" } }
      },
    },
  ]
}

async function docs({ params }: Exchange): Promise<Reply> {
  const { docsFile } = await import("../describe/docs-page.ts")
  const file = await docsFile(params.file ?? "")
  if (file === undefined) throw new AppError("not-found", { message: "The page has no such file." })
  return { type: "text", ...file }
}
