// One POST over a kept connection, with the time at which it went out.
import { type Agent, type IncomingMessage, request } from "node:http"

export interface HttpTarget {
  readonly url: string
  /** Keeps connections: a client in use does not open one for each question. */
  readonly agent: Agent
}

export interface PostedJson {
  /** Of the status 200. */
  readonly response: IncomingMessage
  /** Right before the first byte was sent. `performance.now()`. */
  readonly startedAtMs: number
}

/** The server answered with a status that is no success. */
export class HttpRefused extends Error {
  readonly status: number

  constructor(status: number, body: string) {
    super(`the server answered ${status}: ${body.slice(0, 300)}`)
    this.status = status
  }
}

/** Throws `HttpRefused`, and what the socket throws. */
export async function postJson(
  target: HttpTarget,
  body: { readonly path: string; readonly json: string },
  signal: AbortSignal,
): Promise<PostedJson> {
  for (;;) {
    try {
      return await postOnce(target, body, signal)
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error
    }
  }
}

/**
 * The server had closed a kept connection before it read anything (llama-server does so after each stream, having promised
 * to keep it). Asking again on another is what every client does.
 */
class StaleConnection extends Error {}

function postOnce(
  { url, agent }: HttpTarget,
  { path, json }: { readonly path: string; readonly json: string },
  signal: AbortSignal,
): Promise<PostedJson> {
  const startedAtMs = performance.now()
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, {
      method: "POST",
      agent,
      signal,
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(json) },
    })
    asked.on("error", (error) => {
      const isStale = asked.reusedSocket && "code" in error && error.code === "ECONNRESET"
      reject(isStale ? new StaleConnection() : error)
    })
    asked.on("response", (response) => {
      if (response.statusCode === 200) resolve({ response, startedAtMs })
      else refuse(response).catch(reject)
    })
    asked.end(json)
  })
}

async function refuse(response: IncomingMessage): Promise<never> {
  throw new HttpRefused(response.statusCode ?? 0, await readText(response))
}

export async function readText(response: IncomingMessage): Promise<string> {
  let text = ""
  for await (const piece of response.setEncoding("utf8")) text += piece
  return text
}
