// What a listening port is made with.
import type { Clock } from "@fireside/host"
import type { Authentication } from "./guard/authenticate.ts"
import type { Crowd } from "./guard/crowd.ts"
import type { Meter } from "./metrics/meter.ts"
import type { Route } from "./route.ts"
import type { ServeOptions } from "./server.ts"

export interface ListenerOptions extends Pick<ServeOptions, "app" | "log"> {
  readonly allowedOrigins: ReadonlySet<string>
  readonly routes: readonly Route[]
  readonly tls: { readonly certificate: string; readonly key: string } | undefined
  /** Host names it answers to. */
  readonly hosts: ReadonlySet<string>
  readonly authentication: Authentication
  readonly clock: Clock
  readonly meter: Meter
  /** Aborts when the server stops and its time for running answers is over. */
  readonly stopping: AbortSignal
  readonly crowd: Crowd
  /** Aborts when the server begins to stop: new requests are refused from then on. */
  readonly closing: AbortSignal
}
