// Is there a server of this data folder? Without one this costs the look at a single file.
import { existsSync } from "node:fs"
import { join } from "node:path"
import type { Log, Paths } from "@fireside/host"
import { AppError, CLIENT_LIMITS, type Client, createClient } from "@fireside/protocol"
import { createServerFetch } from "./server-fetch.ts"
import { VERSION } from "./version.ts"

export interface ServerConnection {
  readonly client: Client
  readonly url: string
  /** Set when its certificate is its own. */
  readonly certificatePem?: string | undefined
}

export interface ConnectOptions {
  readonly paths: Pick<Paths, "run">
  readonly log: Log
}

/** Undefined when there is none, it does not answer at once, or it is of another version; the log says why. */
export async function connectToServer({ paths, log }: ConnectOptions): Promise<ServerConnection | undefined> {
  if (!existsSync(join(paths.run, "server.json"))) return undefined
  const { readServerFile } = await import("@fireside/server")
  const file = await readServerFile(paths)
  if (file === undefined) return undefined
  const { url, token, version, certificatePem } = file
  if (version !== VERSION) {
    log.debug("the running server is of another version and is not used", { url, version })
    return undefined
  }
  const client = createClient({
    baseUrl: url,
    fetch: createServerFetch({ url, certificatePem }),
    key: token,
  })
  const signal = AbortSignal.timeout(CLIENT_LIMITS.connectMs)
  try {
    const { scopes } = await client.caller(signal)
    if (!scopes.includes("admin"))
      throw new AppError("forbidden", { message: "The token is not the owner's." })
    return { client, url, certificatePem }
  } catch (error) {
    log.debug("the running server is not used", { url, reason: String(error) })
    return undefined
  }
}
