// The real server on a free port of loopback, with a data folder of its own, for clients that do not know it is a test.
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type App, openApp } from "@fireside/app"
import { layoutOf } from "@fireside/host"
import { type RunningServer, type ServeOptions, startServer } from "@fireside/server"

export interface ServedApp extends AsyncDisposable {
  readonly app: App
  readonly server: RunningServer
  readonly url: string
  readonly home: string
}

export interface ServeChange extends Partial<Omit<ServeOptions, "app" | "log" | "paths">> {
  /** Defaults to the echo engine. */
  readonly engine?: "echo" | "llama"
  /** An existing data folder; it stays. */
  readonly home?: string
  /** As the flags of `serve` give them, by the keys of settings. */
  readonly settings?: Readonly<Record<string, unknown>>
}

export async function serveApp(change: ServeChange = {}): Promise<ServedApp> {
  const { engine = "echo", home: given, settings = {}, ...serve } = change
  const folder = given ?? (await mkdtemp(join(tmpdir(), "fireside-served-")))
  const { app, log } = await openApp({ engine, home: folder, streams: "auto", settings })
  const server = await startServer({
    app,
    log,
    paths: layoutOf(folder),
    host: "127.0.0.1",
    port: 0,
    tls: { type: "none" },
    allowedHosts: [],
    allowedOrigins: [],
    requireKey: false,
    version: "0.0.0",
    ...serve,
  })
  return {
    app,
    server,
    url: server.url,
    home: folder,
    async [Symbol.asyncDispose]() {
      await server.stop()
      await app[Symbol.asyncDispose]()
      if (given === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
