// Routes of the server itself: is it well, what are its numbers, what does it offer.
import type { Meter } from "../metrics/meter.ts"
import type { Route } from "../route.ts"

export interface OperationsOptions {
  readonly meter: Meter
  readonly version: string
  /** Asks the server to stop; resolves when it has begun to. */
  readonly requestStop: () => void
}

export function operationsRoutes({ meter, version, requestStop }: OperationsOptions): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/health",
      dialect: "native",
      access: "public",
      summary: "Is the server well?",
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
      async handle() {
        requestStop()
        return { type: "json", status: 202, body: { status: "stopping" } }
      },
    },
  ]
}
