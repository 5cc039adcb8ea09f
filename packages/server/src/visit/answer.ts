// From a request that was let in to its route, and the route's reply back onto the wire.
import { setImmediate } from "node:timers/promises"
import type { Clock } from "@fireside/host"
import type { FastifyReply, FastifyRequest } from "fastify"
import { appFor } from "../app-for.ts"
import { checkBodyHeaders, streamBody } from "../guard/read-body.ts"
import type { ListenerOptions } from "../listener-options.ts"
import { sendReply } from "../reply/send-reply.ts"
import type { Exchange, Route } from "../route.ts"
import { readJsonBody } from "./read-json-body.ts"
import { visitHeaders, visitOf } from "./visit.ts"

/** Reads the body, makes the exchange, and sends what the route replies. Throws what refuses or fails the request. */
export async function answer(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ListenerOptions,
): Promise<FastifyReply> {
  const visit = visitOf(request)
  const { app, clock, stopping, closing } = options
  // Those that came at the same moment and must be refused are refused before work begins for those that were let in.
  await setImmediate()
  const { caller } = visit
  const body = await readJsonBody(route, request, clock)
  if (caller.key !== undefined && (route.access === "chat" || route.access === "embed"))
    await app.keys.admit(caller.key.id)
  const exchange: Exchange = {
    app: appFor({ app, caller, meter: options.meter, now: () => clock.monotonic() }),
    caller,
    body,
    bytes: readBytes(route, request, clock),
    // The router gives texts.
    params: request.params as Readonly<Record<string, string>>,
    query: lastOfEach(request.query),
    headers: lastOfEach(request.headers),
    requestId: visit.id,
    log: options.log.with({ requestId: visit.id }),
    now: () => Math.floor(clock.now() / 1_000),
    signal: AbortSignal.any([visit.gone.signal, stopping, ...(route.follows === true ? [closing] : [])]),
  }
  const made = await route.handle(exchange)
  return sendReply(reply, made, { headers: visitHeaders(request), clock, leave: () => visit.gone.abort() })
}

async function* readBytes(route: Route, request: FastifyRequest, clock: Clock): AsyncGenerator<Uint8Array> {
  if (route.body?.type !== "bytes") return
  const { limitBytes } = route.body
  checkBodyHeaders(request.headers, limitBytes)
  yield* streamBody(request.raw, { limitBytes, clock, giveUp: (error) => request.raw.destroy(error) })
}

function lastOfEach(values: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries((values ?? {}) as Record<string, unknown>).flatMap(([name, value]) => {
      const last: unknown = Array.isArray(value) ? value.at(-1) : value
      return typeof last === "string" ? [[name, last]] : []
    }),
  )
}
