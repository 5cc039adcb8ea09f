// What changes in stored conversations, for whoever follows: the table `conversation_change`, read when this process wrote something and now
// and then, since other processes write too.
import type { Clock, Database } from "@fireside/host"
import type { ConversationEvent } from "@fireside/protocol"

export interface ChangeFeed {
  /** This process has written. */
  wake(): void
  /** `ready`, then what changes, until the signal aborts. */
  follow(owner: string, signal: AbortSignal): AsyncGenerator<ConversationEvent, void>
}

interface ChangeRow {
  readonly seq: number
  readonly conversation_id: string
  readonly type: "changed" | "removed"
  readonly updated_at: string
}

/** How soon a change of another process is seen. */
const LOOK_EVERY_MS = 1_000
const ROWS_AT_ONCE = 500

export function createChangeFeed(parts: {
  readonly clock: Clock
  readonly database: () => Promise<Database>
}): ChangeFeed {
  let writes = 0
  const waiting = new Set<() => void>()

  /** Resolves when this process has written more than `known`, when it is time to look, or when the signal aborts. */
  async function pause(known: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || writes !== known) return
    const { promise, resolve: resolveWith } = Promise.withResolvers<void>()
    const resolve = (): void => resolveWith()
    const timer = parts.clock.setTimer(LOOK_EVERY_MS, resolve)
    waiting.add(resolve)
    signal.addEventListener("abort", resolve, { once: true })
    await promise
    timer.cancel()
    waiting.delete(resolve)
    signal.removeEventListener("abort", resolve)
  }

  return {
    wake() {
      writes += 1
      for (const resolve of waiting) resolve()
    },
    async *follow(owner, signal) {
      const database = await parts.database()
      let seen = lastChange(database)
      yield { type: "ready" }
      while (!signal.aborted) {
        // Before the look, so that what is written during it is not slept over.
        const known = writes
        const last = lastChange(database)
        for (;;) {
          const rows = changesBetween(database, { owner, after: seen, upTo: last })
          for (const { seq, conversation_id: id, type, updated_at: updatedAt } of rows) {
            seen = seq
            yield { type, id, updatedAt }
            if (signal.aborted) return
          }
          if (rows.length < ROWS_AT_ONCE) break
        }
        seen = last
        await pause(known, signal)
      }
    },
  }
}

/** Zero when nothing was ever changed. */
function lastChange(database: Database): number {
  return (
    database.get<{ readonly seq: number | null }>("SELECT max(seq) AS seq FROM conversation_change")?.seq ?? 0
  )
}

function changesBetween(
  database: Database,
  { owner, after, upTo }: { readonly owner: string; readonly after: number; readonly upTo: number },
): readonly ChangeRow[] {
  return database.all<ChangeRow>(
    `SELECT seq, conversation_id, type, updated_at FROM conversation_change
     WHERE seq > ? AND seq <= ? AND owner = ? ORDER BY seq LIMIT ?`,
    ...[after, upTo, owner, ROWS_AT_ONCE],
  )
}
