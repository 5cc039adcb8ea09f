// One request's stay, from its head to the end of its answer: what is known of it, and what is noted when it is over.
import { randomUUID } from "node:crypto"
import { AppError } from "@fireside/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import { type Caller, OWNER } from "../caller.ts"
import type { Place } from "../guard/crowd.ts"
import { SECURITY_HEADERS } from "../guard/security-headers.ts"
import type { ListenerOptions } from "../listener-options.ts"
import type { ReplyHeaders, Route } from "../route.ts"

export interface Visit {
  readonly id: string
  readonly startedAt: number
  readonly gone: AbortController
  caller: Caller
  /** Undefined for a path that is not in the table. */
  readonly route: Route | undefined
  cors: ReplyHeaders
  /** Of requests that make a model work. */
  place: Place | undefined
}

const VISIT = Symbol("visit")

/** When the answer is sent or its reader has left, the visit gives back what it holds, is counted and logged. */
export function beginVisit(
  request: FastifyRequest,
  reply: FastifyReply,
  options: Pick<ListenerOptions, "clock" | "log" | "meter">,
): Visit {
  const { clock } = options
  const visit: Visit = {
    id: `req_${randomUUID().replaceAll("-", "")}`,
    startedAt: clock.monotonic(),
    gone: new AbortController(),
    caller: OWNER,
    route: (request.routeOptions.config as { readonly route?: Route }).route,
    cors: {},
    place: undefined,
  }
  // Fastify's own way to decorate a request is typed for the whole program; a symbol is not seen by anyone else.
  Object.assign(request, { [VISIT]: visit })
  reply.raw.on("close", () => endVisit(request, reply, options))
  return visit
}

export function visitOf(request: FastifyRequest): Visit {
  return (request as unknown as { readonly [VISIT]: Visit })[VISIT]
}

/** Headers of every answer. One that comes before the request was whole is the last of its connection. */
export function visitHeaders(request: FastifyRequest): ReplyHeaders {
  const { id, cors } = visitOf(request)
  const closing = isWhole(request) ? {} : { connection: "close" }
  return { ...SECURITY_HEADERS, "x-request-id": id, "request-id": id, ...cors, ...closing }
}

/** Whether all of it is here, read or not. A body that came with its head is whole when the event loop comes round. */
export const isWhole = (request: FastifyRequest): boolean => request.raw.complete || !hasBody(request)

export const hasBody = (request: FastifyRequest): boolean =>
  request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0

/** Without the query. */
export const pathOf = (request: FastifyRequest): string => request.url.split("?", 1)[0] ?? ""

function endVisit(
  request: FastifyRequest,
  { raw }: FastifyReply,
  { clock, log, meter }: Pick<ListenerOptions, "clock" | "log" | "meter">,
): void {
  const visit = visitOf(request)
  const { method } = request
  // The pattern, never the path as sent: what a stranger writes there does not belong into a log.
  const route = visit.route?.path ?? "none"
  const status = raw.statusCode
  const durationMs = clock.monotonic() - visit.startedAt
  visit.place?.leave()
  if (!raw.writableFinished) visit.gone.abort(new AppError("interrupted", { message: "The client left." }))
  meter.request({ method, path: route, status, seconds: durationMs / 1_000 })
  log.info("request", {
    requestId: visit.id,
    method,
    route,
    status,
    durationMs: Math.round(durationMs),
    owner: visit.caller.owner,
    ...(raw.writableFinished ? {} : { clientLeft: true }),
  })
}
