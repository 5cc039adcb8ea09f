// Taking everything of an owner away: conversations, responses, prompts, and what was computed of their texts. Of the owner of the machine also what
// the terminal keeps, and the backups, which hold all that was erased.
import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { Erased } from "@fireside/protocol"
import { type App, type EraseWish, LOCAL_OWNER } from "../app.ts"
import type { Conversations } from "../conversations/conversations.ts"
import type { Parts } from "../parts.ts"
import type { Prefixes } from "../prefixes/prefixes.ts"

export interface EraseParts {
  readonly parts: Pick<Parts, "paths" | "clock" | "hasDatabase" | "database">
  readonly conversations: Pick<Conversations, "emptyTrash">
  readonly models: Pick<App["models"], "list" | "remove" | "removed">
  readonly forget: Prefixes["forget"]
}

/** What was begun is done, also when nobody waits for it any more: half of it erased is no answer. */
const TO_THE_END = new AbortController().signal

export function createErase({ parts, conversations, models, forget }: EraseParts): App["erase"] {
  return async ({ owner, models: withModels = false }: EraseWish): Promise<Erased> => {
    const isLocal = owner === LOCAL_OWNER
    // What is computed ahead has no owner but the machine's.
    await forget(isLocal ? { type: "all", pinned: true } : { type: "owner", owner })
    const rows = await eraseRows({ parts, conversations }, owner)
    if (isLocal) {
      const { home, backups } = parts.paths
      for (const path of [join(home, "chats"), join(home, "history"), backups])
        await rm(path, { recursive: true, force: true })
    }
    const removed = withModels ? await removeModels(models) : NO_MODELS
    return { ...rows, ...removed }
  }
}

async function eraseRows(
  { parts, conversations }: Pick<EraseParts, "parts" | "conversations">,
  owner: string,
): Promise<Pick<Erased, "conversations" | "responses" | "prompts">> {
  if (!(await parts.hasDatabase())) return { conversations: 0, responses: 0, prompts: 0 }
  const database = await parts.database()
  const now = new Date(parts.clock.now()).toISOString()
  const { responses, prompts } = database.transaction(() => {
    // By way of the trash: it is emptied in small steps, and whoever follows the list is told.
    database.run("UPDATE conversation SET trashed_at = ? WHERE owner = ? AND trashed_at IS NULL", now, owner)
    return {
      responses: database.run("DELETE FROM response WHERE owner = ?", owner).changes,
      prompts: database.run("DELETE FROM prompt WHERE owner = ?", owner).changes,
    }
  })
  const erased = await conversations.emptyTrash(owner, TO_THE_END)
  // SQLite overwrites what is deleted in the file only; the text is still in the log beside it.
  database.all("PRAGMA wal_checkpoint(TRUNCATE)")
  return { conversations: erased, responses, prompts }
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
