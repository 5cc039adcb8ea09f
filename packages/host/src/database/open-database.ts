// Opens the data folder's database and brings it to this build's schema.
import { open, readdir, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import type BetterSqlite from "better-sqlite3"
import { syncFolder } from "../durable-file.ts"
import { acquireLock } from "../file-lock.ts"
import { makeFolder } from "../make-folder.ts"
import type { Paths } from "../paths.ts"
import { FILE_MODE } from "../prepare-home.ts"
import { toWriteError } from "../write-error.ts"
import { appliedMigrations, refuseNewerSchema } from "./applied-migrations.ts"
import type { Database, SqlValue, Written } from "./database.ts"
import { toDatabaseError } from "./database-error.ts"
import type { Migration } from "./migration.ts"
import { MIGRATIONS } from "./migrations.ts"

/** How long a write waits for another process's transaction. The event loop stands still meanwhile. */
const BUSY_TIMEOUT_MS = 5_000
/** Two processes of a new version may start at once: the second waits for the first one's migration. */
const MIGRATION_WAIT_MS = 60_000
const BACKUPS_KEPT = 5

export interface OpenDatabaseOptions {
  /** Defaults to all steps of this build. */
  readonly migrations?: readonly Migration[]
  /** Defaults to 5 seconds. */
  readonly busyTimeoutMs?: number
}

type Locations = Pick<Paths, "database" | "backups" | "run">

/**
 * Opens `paths.database`, making it (0600) and running missing migrations, in one transaction, after a copy to `backups`.
 * Throws `cannot-write`, `disk-full`, `corrupt-data`, `held`, and `unsupported` for a file of a newer build.
 */
export async function openDatabase(
  paths: Locations,
  { migrations = MIGRATIONS, busyTimeoutMs = BUSY_TIMEOUT_MS }: OpenDatabaseOptions = {},
): Promise<Database> {
  await makeFile(paths.database)
  const { default: Sqlite } = await import("better-sqlite3")
  let connection: BetterSqlite.Database | undefined
  try {
    connection = new Sqlite(paths.database, { timeout: busyTimeoutMs })
    configure(connection)
    await bringUpToDate(connection, { paths, migrations })
    return wrap(connection, paths.database)
  } catch (error) {
    connection?.close()
    throw toDatabaseError(error, paths.database)
  }
}

/** SQLite gives its own files (-wal, -shm) the rights of the main one, so this sets all three. */
async function makeFile(path: string): Promise<void> {
  try {
    await makeFolder(dirname(path))
    const file = await open(path, "a", FILE_MODE)
    await file.close()
  } catch (error) {
    throw toWriteError({ error, path })
  }
}

function configure(connection: BetterSqlite.Database): void {
  connection.pragma("journal_mode = WAL")
  // Every commit is on the disk before it is acknowledged; NORMAL would lose the last ones at a power cut.
  connection.pragma("synchronous = FULL")
  connection.pragma("foreign_keys = ON")
  // What is deleted is overwritten: the file holds private text.
  connection.pragma("secure_delete = ON")
}

interface Upgrade {
  readonly paths: Locations
  readonly migrations: readonly Migration[]
}

async function bringUpToDate(
  connection: BetterSqlite.Database,
  { paths, migrations }: Upgrade,
): Promise<void> {
  if (isUpToDate(connection, { paths, migrations })) return
  await using _lock = await acquireLock(
    { path: join(paths.run, "migration.lock"), purpose: "update the database", waitMs: MIGRATION_WAIT_MS },
    new AbortController().signal,
  )
  // Another process may have done it while this one waited.
  if (isUpToDate(connection, { paths, migrations })) return
  const applied = appliedMigrations(connection)
  if (applied.length > 0) await backUp(connection, { folder: paths.backups, newest: applied.at(-1) ?? "" })
  const { migrate } = await import("./migrate.ts")
  await migrate(connection, migrations)
}

function isUpToDate(connection: BetterSqlite.Database, { paths, migrations }: Upgrade): boolean {
  const applied = appliedMigrations(connection)
  refuseNewerSchema(applied, migrations, paths.database)
  return applied.length === migrations.length
}

/** A whole, compact copy under a name that says which schema it has; older copies beyond `BACKUPS_KEPT` go. */
async function backUp(
  connection: BetterSqlite.Database,
  { folder, newest }: { readonly folder: string; readonly newest: string },
): Promise<void> {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-")
  const path = join(folder, `fireside-${stamp}-${newest}.db`)
  try {
    await makeFolder(folder)
    // VACUUM INTO writes into an empty file; made first, so that nobody else can ever read it.
    const file = await open(path, "wx", FILE_MODE)
    await file.close()
    connection.prepare("VACUUM INTO ?").run(path)
    const written = await open(path, "r+")
    await written.sync()
    await written.close()
    await syncFolder(folder)
  } catch (error) {
    throw toWriteError({ error: toDatabaseError(error, path), path })
  }
  const copies = (await readdir(folder)).filter((name) => /^fireside-.*\.db$/.test(name)).sort()
  for (const name of copies.slice(0, -BACKUPS_KEPT)) await unlink(join(folder, name))
}

function wrap(connection: BetterSqlite.Database, path: string): Database {
  // The texts are constants of the source, so this stays small.
  const prepared = new Map<string, BetterSqlite.Statement>()
  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work()
    } catch (error) {
      throw toDatabaseError(error, path)
    }
  }
  const statement = (sql: string): BetterSqlite.Statement => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const made = connection.prepare(sql)
    prepared.set(sql, made)
    return made
  }
  return {
    path,
    // The caller names the columns; see `Database`.
    all: <Row>(sql: string, ...parameters: readonly SqlValue[]) =>
      guarded(() => statement(sql).all(...parameters) as Row[]),
    get: <Row>(sql: string, ...parameters: readonly SqlValue[]) =>
      guarded(() => statement(sql).get(...parameters) as Row | undefined),
    run: (sql, ...parameters): Written =>
      guarded(() => {
        const { changes, lastInsertRowid } = statement(sql).run(...parameters)
        return { changes, lastId: Number(lastInsertRowid) }
      }),
    transaction: (work) => guarded(() => connection.transaction(work).immediate()),
    async [Symbol.asyncDispose]() {
      connection.close()
    },
  }
}
