// An error that came before the answer, onto the wire.
import type { FastifyReply, FastifyRequest } from "fastify"
import { encodeFor } from "../dialect-errors.ts"
import { wrongType } from "../guard/read-body.ts"
import type { ListenerOptions } from "../listener-options.ts"
import { publicError } from "../public-error.ts"
import type { DialectName } from "../route.ts"
import { dialectOfPath } from "../route-path.ts"
import { reasonOr } from "../stream/tell-reason.ts"
import { pathOf, visitHeaders, visitOf } from "./visit.ts"

/** In the form of the route's dialect, or of the one that lives at the path. */
export function sendError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ListenerOptions,
): unknown {
  const visit = visitOf(request)
  const error = isUnreadableType(thrown)
    ? wrongType(request.headers["content-type"])
    : reasonOr(thrown, options.stopping)
  const dialect: DialectName = visit.route?.dialect ?? dialectOfPath(pathOf(request))
  const known = publicError(error, options.log.with({ requestId: visit.id }))
  const wire = encodeFor(dialect, known, visit.id)
  return reply
    .code(wire.status)
    .headers({
      ...visitHeaders(request),
      "content-type": "application/json; charset=utf-8",
      ...wire.headers,
    })
    .send(JSON.stringify(wire.body))
}

/** Fastify's own refusal of a type that has no form: empty, or two in one. */
const isUnreadableType = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | undefined)?.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE"
