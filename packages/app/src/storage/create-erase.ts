// Taking everything of an owner away: conversations, responses, and what was computed of their texts. Of the owner of the machine also what
// the terminal keeps, and the backups, which hold all that was erased.
import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { Database } from "@fireside/host"
import type { Erased } from "@fireside/protocol"
import { type App, type EraseWish, LOCAL_OWNER } from "../app.ts"
import type { Parts } from "../parts.ts"
import type { Prefixes } from "../prefixes/prefixes.ts"

export interface EraseParts {
  readonly parts: Pick<Parts, "paths" | "hasDatabase" | "database">
  readonly models: Pick<App["models"], "list" | "remove" | "removed">
  readonly forget: Prefixes["forget"]
}

export function createErase({ parts, models, forget }: EraseParts): App["erase"] {
  return async ({ owner, models: withModels = false }: EraseWish): Promise<Erased> => {
    const isLocal = owner === LOCAL_OWNER
    const rows = (await parts.hasDatabase()) ? eraseRows(await parts.database(), owner) : NO_ROWS
    for (const label of rows.ids) await forget({ type: "label", label })
    // What is computed ahead has no owner but the machine's.
    await forget(isLocal ? { type: "all", pinned: true } : { type: "owner", owner })
    if (isLocal) {
      const { home, backups } = parts.paths
      for (const path of [join(home, "chats"), join(home, "history"), backups])
        await rm(path, { recursive: true, force: true })
    }
    const removed = withModels ? await removeModels(models) : NO_MODELS
    return { conversations: rows.ids.length, responses: rows.responses, ...removed }
  }
}

interface ErasedRows {
  readonly ids: readonly string[]
  readonly responses: number
}

const NO_ROWS: ErasedRows = { ids: [], responses: 0 }

function eraseRows(database: Database, owner: string): ErasedRows {
  const erased = database.transaction(() => {
    const ids = database.all<{ id: string }>("SELECT id FROM conversation WHERE owner = ?", owner)
    // Messages go with their conversations.
    database.run("DELETE FROM conversation WHERE owner = ?", owner)
    const { changes } = database.run("DELETE FROM response WHERE owner = ?", owner)
    return { ids: ids.map(({ id }) => id), responses: changes }
  })
  // SQLite overwrites what is deleted in the file only; the text is still in the log beside it.
  database.all("PRAGMA wal_checkpoint(TRUNCATE)")
  return erased
}

type ErasedModels = Pick<Erased, "models" | "freedModelBytes" | "kept">

const NO_MODELS: ErasedModels = { models: 0, freedModelBytes: 0, kept: [] }

/** Of other programs' stores nothing is touched. What is in use elsewhere stays, and is named. */
async function removeModels(models: EraseParts["models"]): Promise<ErasedModels> {
  const own = (await models.list()).filter((model) => !model.inPlace).map(({ name }) => name)
  const aside = (await models.removed()).map(({ name }) => name)
  const kept: { name: string; message: string }[] = []
  let count = 0
  let freedModelBytes = 0
  for (const name of [...own, ...aside]) {
    try {
      const { freedBytes } = await models.remove(name)
      count += 1
      freedModelBytes += freedBytes
    } catch (error) {
      kept.push({ name, message: error instanceof Error ? error.message : String(error) })
    }
  }
  return { models: count, freedModelBytes, kept }
}
