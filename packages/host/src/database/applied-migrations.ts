// Which steps a database file has, and whether this build knows them. Light: it runs at every start.
import { AppError } from "@fireside/protocol"
import type BetterSqlite from "better-sqlite3"
import type { Migration } from "./migration.ts"

/** Kysely's own name, kept so that its tools read the table. */
export const MIGRATION_TABLE = "kysely_migration"

/** Names of the steps that were run, oldest first. Empty for a new file. */
export function appliedMigrations(connection: BetterSqlite.Database): readonly string[] {
  const table = connection
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")
    .get(MIGRATION_TABLE)
  if (table === undefined) return []
  const rows = connection.prepare(`SELECT name FROM ${MIGRATION_TABLE} ORDER BY name`).all()
  // The column is kysely's: `name varchar(255) not null primary key`.
  return (rows as { name: string }[]).map((row) => row.name)
}

/** Throws `unsupported` naming the steps that a newer build ran. */
export function refuseNewerSchema(
  applied: readonly string[],
  migrations: readonly Migration[],
  path: string,
): void {
  const known = new Set(migrations.map((migration) => migration.name))
  const unknown = applied.filter((name) => !known.has(name))
  if (unknown.length === 0) return
  throw new AppError("unsupported", {
    message: `${path} was written by a newer Fireside (${unknown.join(", ")}).`,
    hint: "Update Fireside, or put a file of the folder `backups` in its place.",
    details: { path, unknown },
  })
}
