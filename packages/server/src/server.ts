// The server as others see it. Read this first, then `route.ts`. `start-server.ts` starts it.
import type { App } from "@fireside/app"
import type { Log, Paths } from "@fireside/host"

export interface ServeOptions {
  /** Stays the caller's: stopping the server does not close it. */
  readonly app: App
  readonly log: Log
  readonly paths: Paths
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** A second listener for programs that know only Ollama's port. When it is taken, that is told and the server goes on without. */
  readonly ollamaPort?: number
  readonly tls: TlsChoice
  /** Names under which the server may be called, beside its own. */
  readonly allowedHosts: readonly string[]
  /** Origins of pages that may call it: `https://chat.example`. None by default, so there is no CORS. */
  readonly allowedOrigins: readonly string[]
  /** Ask for a key on loopback too. */
  readonly requireKey: boolean
  readonly version: string
}

/**
 * `none`: plain HTTP, on loopback only. `without`: plain HTTP elsewhere, because something in front of it encrypts (a proxy, a tunnel).
 * `files`: paths of PEM files. `self-signed`: a certificate of our own, made once and kept in the data folder.
 */
export type TlsChoice =
  | { readonly type: "none" }
  | { readonly type: "without" }
  | { readonly type: "files"; readonly certificate: string; readonly key: string }
  | { readonly type: "self-signed" }

export interface RunningServer extends AsyncDisposable {
  readonly url: string
  readonly ollamaUrl?: string
  /** What the owner should know: who can reach it, what did not work. */
  readonly notices: readonly string[]
  /** Takes no new requests, lets running answers finish for `HTTP_LIMITS.gracefulStopMs`, then ends them with an error event. */
  stop(): Promise<void>
  /** Resolves when it has stopped, whoever asked for it. */
  readonly stopped: Promise<void>
}
