// One listening port: Fastify's settings, and the way of a request in and out. Its steps are in `visit/`.
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { setImmediate } from "node:timers/promises"
import { AppError, HTTP_LIMITS } from "@fireside/protocol"
import { type FastifyInstance, fastify } from "fastify"
import { followConnections } from "./guard/follow-connections.ts"
import { limitConnections } from "./guard/limit-connections.ts"
import { refuseBytes } from "./guard/refuse-bytes.ts"
import type { ListenerOptions } from "./listener-options.ts"
import { matchPath, withReadablePath } from "./route-path.ts"
import { answer } from "./visit/answer.ts"
import { letIn } from "./visit/let-in.ts"
import { lingering } from "./visit/linger.ts"
import { sendError } from "./visit/send-error.ts"
import { beginVisit, isWhole, pathOf, visitOf } from "./visit/visit.ts"

/** Time for answers that were ended to say so. */
const LAST_FRAMES_MS = 1_000

/** How often heads that take too long are looked for. It wakes a server that nobody uses, so it is not often. */
const CHECK_HEADS_MS = 4_000

/** Made and ready; the caller lets it listen and closes it. */
export function createListener(options: ListenerOptions): FastifyInstance {
  const { routes, tls } = options
  const answers = new WeakMap<object, ServerResponse>()
  const http = {
    maxHeaderSize: HTTP_LIMITS.headerBytes,
    headersTimeout: HTTP_LIMITS.headersMs,
    connectionsCheckingInterval: CHECK_HEADS_MS,
    // `checkHost` refuses what has none, in the dialect's form and with a line in the log.
    requireHostHeader: false,
  }
  const instance = fastify({
    logger: false,
    trustProxy: false,
    exposeHeadRoutes: false,
    forceCloseConnections: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: HTTP_LIMITS.urlBytes },
    // What the router could not read it would refuse itself, before anyone has looked at Host and Origin.
    rewriteUrl: (request: IncomingMessage) => withReadablePath(request.url ?? ""),
    bodyLimit: HTTP_LIMITS.blobBytes,
    keepAliveTimeout: HTTP_LIMITS.keepAliveMs,
    // Bodies have their own time in `read-body.ts`: an upload may take longer than a question.
    requestTimeout: 0,
    ...(tls === undefined ? { http } : { https: { ...http, cert: tls.certificate, key: tls.key } }),
    clientErrorHandler: (error: Error, socket: Socket) =>
      refuseBytes({ error, socket, log: options.log, answer: answers.get(socket) }),
  } as Parameters<typeof fastify>[0]) as unknown as FastifyInstance
  limitConnections(instance.server)
  closeConnectionsInTime(instance, options)

  // Bodies are read after the caller is known, by us: nothing is parsed for a stranger.
  instance.removeAllContentTypeParsers()
  instance.addContentTypeParser("*", (_request, _payload, done) => done(null, undefined))

  instance.addHook("onRequest", async (request, reply) => {
    const visit = beginVisit(request, reply, options)
    answers.set(request.raw.socket, reply.raw)
    reply.raw.on("close", () => answers.delete(request.raw.socket))
    const handled = await letIn(request, reply, visit, options)
    if (handled) return reply
  })

  instance.addHook("onSend", async (request, reply, payload: unknown) => {
    if (isWhole(request) || !(typeof payload === "string" || payload instanceof Uint8Array)) return payload
    // It is answered, whatever is still sent.
    visitOf(request).place?.leave()
    reply.header("content-length", Buffer.byteLength(payload))
    return lingering(payload, request.raw, options.clock)
  })

  instance.setNotFoundHandler((request) => {
    const path = pathOf(request)
    const others = routes.filter((route) => matchPath(route.path, path) !== undefined)
    if (others.length > 0)
      throw new AppError("method-not-allowed", {
        message: `${request.method} is not for ${path.slice(0, 200)}.`,
        hint: `It takes ${others.map((route) => route.method).join(", ")}.`,
      })
    throw new AppError("not-found", { message: `There is nothing at ${path.slice(0, 200)}.` })
  })

  instance.setErrorHandler(async (error, request, reply) => {
    if (!isWhole(request)) await setImmediate()
    return sendError(error, request, reply, options)
  })

  for (const route of routes)
    instance.route({
      method: route.method,
      url: route.path,
      config: { route },
      handler: (request, reply) => answer(route, request, reply, options),
    })
  return instance
}

/** Nobody else's idle, silent or stuck connection decides how long stopping takes. */
function closeConnectionsInTime(
  instance: FastifyInstance,
  { stopping, clock }: Pick<ListenerOptions, "stopping" | "clock">,
): void {
  const connections = followConnections(instance.server)
  instance.addHook("preClose", async () => connections.closeIdle())
  const abort = (): void => {
    clock.setTimer(LAST_FRAMES_MS, () => connections.closeAll())
  }
  stopping.addEventListener("abort", abort, { once: true })
}
