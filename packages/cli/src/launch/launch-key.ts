// What a launched program authenticates with. A server that asks for no key gets a word that is none; otherwise the program gets a key of its
// own that may chat and embed, and that ends with it.
import type { Keys } from "@fireside/app"
import { AppError, createClient } from "@fireside/protocol"
import type { ServerConnection } from "../server-connection.ts"
import { createServerFetch } from "../server-fetch.ts"

/** Programs insist on some key. */
export const NO_KEY = "fireside"

export interface LaunchKey extends AsyncDisposable {
  readonly key: string
}

export interface LaunchKeyOptions {
  readonly connection: Pick<ServerConnection, "url" | "certificatePem">
  readonly keys: Pick<Keys, "create" | "revoke">
  /** Of the key that is made, when one is needed. */
  readonly name: string
}

export async function launchKey(options: LaunchKeyOptions, signal: AbortSignal): Promise<LaunchKey> {
  const { connection, keys, name } = options
  if (await takesAnyKey(connection, signal)) return { key: NO_KEY, async [Symbol.asyncDispose]() {} }
  const created = await keys.create({ name, scopes: ["chat", "embed"] })
  return {
    key: created.key,
    async [Symbol.asyncDispose]() {
      await keys.revoke(created.id)
    },
  }
}

/** Is a word that is no key let pass? Not where a key is asked for, and not where the owner has made any. */
export async function takesAnyKey(
  { url, certificatePem }: LaunchKeyOptions["connection"],
  signal: AbortSignal,
): Promise<boolean> {
  const client = createClient({
    baseUrl: url,
    fetch: createServerFetch({ url, certificatePem }),
    key: NO_KEY,
  })
  try {
    await client.caller(signal)
    return true
  } catch (error) {
    if (error instanceof AppError && (error.code === "unauthorised" || error.code === "forbidden"))
      return false
    throw error
  }
}
