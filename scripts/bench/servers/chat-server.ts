// A server that answers the OpenAI API, ours or the peer's, as the scenarios over HTTP use it. Read this before those.
import type { HttpTarget } from "../http/post-json.ts"
import type { Contestant } from "../scenario.ts"

/** Running, with its model loaded and asked once. */
export interface ChatServer extends HttpTarget, AsyncDisposable {
  /** What requests call the model. */
  readonly model: string
  /** The process, for its memory and its time. */
  readonly pid: number
}

/** How to start one. */
export interface ServerChoice {
  readonly name: string
  /** For the page: flags, libraries. No paths. */
  readonly description: string
  start(signal: AbortSignal): Promise<ChatServer>
}

/** One round against a server: metric name → value. */
export type MeasureServer = (
  server: ChatServer,
  round: number,
  signal: AbortSignal,
) => Promise<Readonly<Record<string, number>>>

export interface KeptServers extends AsyncDisposable {
  readonly contestants: readonly Contestant[]
}

/**
 * Contestants whose servers start with the first round and stay until the scenario ends, as servers do. They take turns, so only
 * one of them computes at a time; an idle server takes no processor (S6 measures it).
 */
export function keepServers(choices: readonly ServerChoice[], measure: MeasureServer): KeptServers {
  const running: ChatServer[] = []
  return {
    contestants: choices.map(({ name, description, start }) => {
      let server: ChatServer | undefined
      let round = 0
      return {
        name,
        description,
        async measure(signal) {
          if (server === undefined) {
            server = await start(signal)
            running.push(server)
          }
          return await measure(server, round++, signal)
        },
      }
    }),
    async [Symbol.asyncDispose]() {
      for (const server of running.splice(0)) await server[Symbol.asyncDispose]()
    },
  }
}
