// Who comes in: what every request must show before its body is looked at.
import { AppError, HTTP_LIMITS } from "@fireside/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import { mayUse } from "../caller.ts"
import { authenticate } from "../guard/authenticate.ts"
import { checkHost } from "../guard/check-host.ts"
import { checkOrigin } from "../guard/check-origin.ts"
import { corsHeaders, preflightHeaders } from "../guard/cross-origin.ts"
import type { ListenerOptions } from "../listener-options.ts"
import { type Visit, visitHeaders } from "./visit.ts"

/** Host, origin, key and scope. True when the answer was sent here. Throws what refuses the request. */
export async function letIn(
  request: FastifyRequest,
  reply: FastifyReply,
  visit: Visit,
  options: ListenerOptions,
): Promise<boolean> {
  const { raw } = request
  if (raw.rawHeaders.length / 2 > HTTP_LIMITS.headerCount)
    throw new AppError("bad-request", {
      message: `The request has more than ${HTTP_LIMITS.headerCount} headers.`,
    })
  if (request.url.length > HTTP_LIMITS.urlBytes)
    throw new AppError("bad-request", { message: `The path is longer than ${HTTP_LIMITS.urlBytes} bytes.` })
  // `raw.url`, because the router has already cut a whole URL down to its path.
  const host = checkHost({ url: raw.url ?? "", rawHeaders: raw.rawHeaders }, options.hosts)
  const origin = checkOrigin({
    origin: request.headers.origin,
    fetchSite: headerText(request.headers["sec-fetch-site"]),
    host,
    isTls: options.tls !== undefined,
    allowedOrigins: options.allowedOrigins,
  })
  if (origin !== undefined) visit.cors = corsHeaders(origin)
  if (request.method === "OPTIONS" && origin !== undefined) {
    const asked = request.headers["access-control-request-headers"]
    await reply
      .code(204)
      .headers({ ...visitHeaders(request), ...preflightHeaders(origin, asked) })
      .send()
    return true
  }
  if (options.closing.aborted)
    throw new AppError("shutting-down", {
      message: "The server is stopping.",
      details: { retryAfterSeconds: 5 },
    })
  const access = visit.route?.access
  if (access === "public") return false
  visit.caller = await authenticate(request.headers, request.ip, options.authentication)
  if (access !== undefined && access !== "any" && !mayUse(visit.caller, access))
    throw new AppError("forbidden", {
      message: `This key has not the scope \`${access}\`.`,
      hint: `Its scopes: ${visit.caller.scopes.join(", ")}.`,
    })
  if ((access === "chat" || access === "embed") && visit.route?.follows !== true)
    visit.place = options.crowd.enter(visit.caller.owner)
  return false
}

const headerText = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === "object" ? value.join(", ") : value
