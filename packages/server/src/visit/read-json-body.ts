// A request's body as JSON, read after its caller is known.
import type { Clock } from "@fireside/host"
import { AppError, HTTP_LIMITS } from "@fireside/protocol"
import type { FastifyRequest } from "fastify"
import { mayBeUntyped } from "../dialects/ollama/untyped-body.ts"
import { parseJson } from "../guard/parse-json.ts"
import { checkBodyHeaders, isJson, readBody, wrongType } from "../guard/read-body.ts"
import type { Route } from "../route.ts"
import { hasBody, visitOf } from "./visit.ts"

/** Undefined for a route without one. Throws what is wrong with it. */
export async function readJsonBody(
  { body, dialect }: Route,
  request: FastifyRequest,
  clock: Clock,
): Promise<unknown> {
  const visit = visitOf(request)
  if (body === undefined || body.type === "bytes") return undefined
  const limitBytes = body.limitBytes ?? HTTP_LIMITS.bodyBytes
  checkBodyHeaders(request.headers, limitBytes)
  if (!hasBody(request)) {
    if (body.optional === true) return {}
    throw new AppError("bad-request", { message: "The request has no body.", hint: "Send a JSON object." })
  }
  const contentType = request.headers["content-type"]
  if (!isJson(contentType) && !(dialect === "ollama" && mayBeUntyped(request.headers)))
    throw wrongType(contentType)
  const bytes = await readBody(request.raw, {
    limitBytes,
    clock,
    giveUp: (error) => request.raw.destroy(error),
    onSlow: () => visit.place?.stepOut(),
  })
  visit.place?.stepIn()
  const value = bytes.length === 0 && body.optional === true ? {} : parseJson(bytes)
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AppError("bad-request", { message: "The body is not a JSON object." })
  return value
}
