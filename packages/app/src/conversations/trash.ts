// The trash of conversations: what is put there comes back as it was, or is deleted for ever: by its owner, or when it lay there too long.
import { setImmediate } from "node:timers/promises"
import { AppError, CONVERSATION_LIMITS, type Conversation } from "@fireside/protocol"
import {
  type ConversationParts,
  clearLog,
  findOwn,
  isoTime,
  lookAtConversations,
  type Opened,
  openedFor,
} from "./own-conversation.ts"

export interface Trash {
  remove(id: string, owner: string): Promise<void>
  restore(id: string, owner: string): Promise<Conversation>
  erase(id: string, owner: string): Promise<void>
  empty(owner: string, signal: AbortSignal): Promise<number>
  /** Erases what lay there too long, whoever's it is. */
  sweep(): Promise<void>
}

export interface TrashEvents {
  /** A conversation is gone for ever. */
  readonly onErased: (id: string) => Promise<void>
  readonly onChange: () => void
}

export function createTrash(parts: ConversationParts, { onErased, onChange }: TrashEvents): Trash {
  const setTrashed = async (id: string, owner: string, trashedAt: string | null): Promise<Conversation> => {
    const { database, table } = await openedFor(parts, id)
    const changed = database.transaction(() => {
      const before = findOwn(table, id, owner)
      // Once more into the trash does not begin its days anew.
      if ((before.trashedAt === null) !== (trashedAt === null)) table.update({ ...before, trashedAt })
      return findOwn(table, id, owner)
    })
    onChange()
    return changed
  }

  /** One after the other: a thousand conversations in one step would hold up every request. */
  const eraseAll = async (
    { database, table }: Opened,
    ids: readonly string[],
    signal?: AbortSignal,
  ): Promise<number> => {
    let erased = 0
    try {
      for (const id of ids) {
        signal?.throwIfAborted()
        const isGone = database.transaction(() => {
          // Somebody may have taken it out meanwhile.
          if (!table.isTrashed(id)) return false
          table.remove(id)
          return true
        })
        if (isGone) {
          erased += 1
          await onErased(id)
        }
        await setImmediate()
      }
    } finally {
      if (erased > 0) {
        table.forgetRemovals(CONVERSATION_LIMITS.removalsKept)
        clearLog(database)
        onChange()
      }
    }
    return erased
  }

  return {
    async remove(id, owner) {
      await setTrashed(id, owner, isoTime(parts))
    },
    restore: (id, owner) => setTrashed(id, owner, null),
    async erase(id, owner) {
      const { database, table } = await openedFor(parts, id)
      database.transaction(() => {
        findOwn(table, id, owner)
        table.remove(id)
        table.forgetRemovals(CONVERSATION_LIMITS.removalsKept)
      })
      clearLog(database)
      onChange()
      await onErased(id)
    },
    async empty(owner, signal) {
      const opened = await lookAtConversations(parts)
      return opened === undefined ? 0 : await eraseAll(opened, opened.table.trashed({ owner }), signal)
    },
    async sweep() {
      const opened = await lookAtConversations(parts)
      if (opened === undefined) return
      const before = new Date(parts.clock.now() - CONVERSATION_LIMITS.trashAgeMs).toISOString()
      await eraseAll(opened, opened.table.trashed({ before }))
    },
  }
}

/** Throws `bad-request` for a conversation that lies in the trash: nothing is asked there. */
export function refuseTrashed({ trashedAt }: Conversation): void {
  if (trashedAt === null) return
  throw new AppError("bad-request", {
    message: "This conversation is in the trash.",
    hint: "Take it out of the trash first.",
  })
}
