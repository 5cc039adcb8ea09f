// What a route is. Read this first. Routes are data and a function: they know no socket, so a test calls them, and the table of all of them
// (`routes/all-routes.ts`) is what is served, documented and examined.
import type { App } from "@fireside/app"
import type { Log } from "@fireside/host"
import type { Scope, z } from "@fireside/protocol"
import type { Caller } from "./caller.ts"

export type DialectName = "openai" | "ollama" | "anthropic" | "native"

/** `public`: needs no key on any bind, and tells nothing about the owner. `any`: every valid key. */
export type Access = "public" | "any" | Scope

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD"
  /** With parameters as `:name`. */
  readonly path: string
  /** Whose form errors have. */
  readonly dialect: DialectName
  readonly access: Access
  /** One line for the API's description. */
  readonly summary: string
  readonly body?: RouteBody
  readonly query?: z.ZodObject
  /** Of the answer, for the API's description. A stream is described by its events. */
  readonly response?: z.ZodType
  /** Goes on until its reader leaves: it takes no place among those that work, and ends when the server begins to stop. */
  readonly follows?: true
  handle(exchange: Exchange): Promise<Reply>
}

export type RouteBody =
  | {
      readonly type: "json"
      /** Describes the body; the dialect's decoder parses with the same schema. */
      readonly schema: z.ZodType
      /** Defaults to `HTTP_LIMITS.bodyBytes`. */
      readonly limitBytes?: number
      /** A body may be left out; it is `{}` then. */
      readonly optional?: boolean
    }
  | {
      readonly type: "bytes"
      readonly limitBytes: number
      /** For the API's description. Defaults to `application/octet-stream`. */
      readonly mediaType?: string
    }

/** One request as a route sees it: let in, parsed as JSON, not yet decoded. */
export interface Exchange {
  readonly app: App
  readonly caller: Caller
  /** Parsed JSON of a `json` body, within the limits of depth and keys; undefined for other routes. */
  readonly body: unknown
  /** Of a `bytes` body. Throws `body-too-large` past its limit. */
  readonly bytes: AsyncIterable<Uint8Array>
  readonly params: Readonly<Record<string, string>>
  /** Of a parameter that comes twice, the last. */
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly requestId: string
  readonly log: Log
  /** Seconds since 1970, whole. */
  now(): number
  /** Aborts when the client is gone or the server stops. */
  readonly signal: AbortSignal
}

export type Reply =
  | {
      readonly type: "json"
      readonly status?: number
      readonly body: unknown
      readonly headers?: ReplyHeaders
    }
  | {
      readonly type: "text"
      readonly status?: number
      readonly body: string
      readonly contentType: string
      readonly headers?: ReplyHeaders
    }
  | {
      readonly type: "bytes"
      readonly status?: number
      readonly body: Uint8Array
      readonly contentType: string
      readonly headers?: ReplyHeaders
    }
  | { readonly type: "empty"; readonly status?: number; readonly headers?: ReplyHeaders }
  | {
      /** To be kept, never shown in our own origin. A failure in the middle breaks the connection: half a file must not pass for a whole one. */
      readonly type: "file"
      /** Letters, digits, dots and dashes. */
      readonly name: string
      readonly contentType: string
      readonly pieces: AsyncIterable<string>
      readonly headers?: ReplyHeaders
    }
  | {
      readonly type: "stream"
      readonly format: "sse" | "ndjson"
      /**
       * Whole frames as they go on the wire. It never throws: a failure is its dialect's last frame. Stopping to read ends the work behind it.
       */
      readonly frames: AsyncIterable<string>
      readonly headers?: ReplyHeaders
      /** Written when nothing else was for `HTTP_LIMITS.streamHeartbeatMs`; undefined: nothing. */
      readonly heartbeat?: string
    }

export type ReplyHeaders = Readonly<Record<string, string>>

/** What a dialect makes of an error that comes before its answer has begun. */
export interface WireError {
  readonly status: number
  readonly body: unknown
  readonly headers?: ReplyHeaders
}
