// A lock between processes that the system lets go of when its holder dies, however it dies. SQLite takes it: its locks are those of the
// operating system (fcntl, LockFileEx), which Node itself does not offer. A note beside the lock says who holds it.
import { open, readFile, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { AppError } from "@fireside/protocol"
import type BetterSqlite from "better-sqlite3"
import { makeFolder } from "./make-folder.ts"
import { FILE_MODE } from "./prepare-home.ts"
import { systemCode, toWriteError } from "./write-error.ts"

export interface LockRequest {
  /** The lock's file. It stays when the lock is let go of: removing it would let two holders in. */
  readonly path: string
  /** In the user's words, for the one who finds it held: `download smollm2:135m`. */
  readonly purpose: string
  /** How long to wait for the present holder. Defaults to 0. */
  readonly waitMs?: number
}

export interface FileLock extends AsyncDisposable {
  readonly path: string
}

const POLL_MS = 50

/**
 * Takes the lock, or throws `held` with `details {pid, purpose}` of the holder. Locks are not re-entrant: a second one of the same process
 * is refused too. Throws `cannot-write` when the file cannot be made.
 */
export async function acquireLock(
  { path, purpose, waitMs = 0 }: LockRequest,
  signal: AbortSignal,
): Promise<FileLock> {
  const { default: Sqlite } = await import("better-sqlite3")
  await makeLockFile(path)
  const giveUpAt = performance.now() + waitMs
  for (;;) {
    signal.throwIfAborted()
    const connection = tryLock(() => new Sqlite(path, { timeout: 0 }), path)
    if (connection !== undefined) return await hold(connection, { path, purpose })
    if (performance.now() >= giveUpAt) throw await heldError(path, purpose)
    await delay(POLL_MS, undefined, { signal })
  }
}

async function makeLockFile(path: string): Promise<void> {
  try {
    await makeFolder(dirname(path))
    const file = await open(path, "a", FILE_MODE)
    await file.close()
  } catch (error) {
    throw toWriteError({ error, path })
  }
}

function tryLock(connect: () => BetterSqlite.Database, path: string): BetterSqlite.Database | undefined {
  let connection: BetterSqlite.Database | undefined
  try {
    connection = connect()
    connection.pragma("locking_mode = EXCLUSIVE")
    connection.exec("BEGIN EXCLUSIVE")
    return connection
  } catch (error) {
    connection?.close()
    if (systemCode(error)?.startsWith("SQLITE_BUSY")) return undefined
    throw toWriteError({ error, path })
  }
}

const noteOf = (path: string): string => `${path}.holder`

async function hold(
  connection: BetterSqlite.Database,
  { path, purpose }: { readonly path: string; readonly purpose: string },
): Promise<FileLock> {
  try {
    // Not durable and not atomic on purpose: it only names the holder, and is worth nothing after a restart.
    const note = await open(noteOf(path), "w", FILE_MODE)
    await note.writeFile(JSON.stringify({ pid: process.pid, purpose }))
    await note.close()
  } catch (error) {
    connection.close()
    throw toWriteError({ error, path: noteOf(path) })
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      if (!connection.open) return
      await unlink(noteOf(path)).catch(() => {})
      connection.close()
    },
  }
}

async function heldError(path: string, wanted: string): Promise<AppError> {
  const holder = await readHolder(path)
  const who = holder === undefined ? "Another process" : `Process ${holder.pid} (${holder.purpose})`
  return new AppError("held", {
    message: `${who} holds what is needed to ${wanted}.`,
    hint: holder === undefined ? "Try again in a moment." : `Wait for it, or end process ${holder.pid}.`,
    details: { path, ...holder },
  })
}

async function readHolder(path: string): Promise<{ pid: number; purpose: string } | undefined> {
  try {
    const note: unknown = JSON.parse(await readFile(noteOf(path), "utf8"))
    if (typeof note !== "object" || note === null || !("pid" in note) || !("purpose" in note))
      return undefined
    if (typeof note.pid !== "number" || typeof note.purpose !== "string") return undefined
    return { pid: note.pid, purpose: note.purpose }
  } catch {
    // Being written just now, or gone: the lock is held all the same, by someone without a name.
    return undefined
  }
}
