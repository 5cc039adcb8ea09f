// Everything that the server keeps for its user, in one text: to be kept, or to be read by another program.
import type { Client } from "@fireside/protocol"

export type ExportClient = {
  readonly conversations: Pick<Client["conversations"], "export">
  readonly privacy: Pick<Client["privacy"], "ledger" | "lock" | "storage">
  readonly keys: Pick<Client["keys"], "list">
  readonly prompts: Pick<Client["prompts"], "list">
  readonly models: Pick<Client["models"], "list">
  readonly settings: Client["settings"]
}

export interface CollectOptions {
  readonly client: ExportClient
  /** Milliseconds since 1970. */
  readonly now: number
  /** What this browser keeps. */
  readonly preferences: object
}

/** Keys come without their secrets, which are stored nowhere; models by name, because their files are files already. */
export async function collectExport(
  { client, now, preferences }: CollectOptions,
  signal?: AbortSignal,
): Promise<string> {
  const [conversations, prompts, ledger, lock, storage, keys, models, settings] = await Promise.all([
    client.conversations.export(null, "json", signal),
    client.prompts.list(signal),
    client.privacy.ledger(signal),
    client.privacy.lock(signal),
    client.privacy.storage(signal),
    client.keys.list(signal),
    client.models.list(signal),
    client.settings(signal),
  ])
  const rest = {
    ...{ format: "fireside-everything", version: 1, exportedAt: new Date(now).toISOString() },
    ...{ lock, ledger, settings, preferences, prompts, keys, models, storage },
  }
  // The conversations are JSON already, and may be large: they are put in as they are, not read and written again.
  return `${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "conversations": ${conversations.trim()}\n}\n`
}
