// Runs the missing steps in one transaction, through kysely's Migrator. Imported only when there is a step to run: kysely is heavy.
import type BetterSqlite from "better-sqlite3"
import { Kysely, SqliteAdapter, SqliteDialect, sql } from "kysely"
import { Migrator } from "kysely/migration"
import { MIGRATION_TABLE } from "./applied-migrations.ts"
import type { Migration } from "./migration.ts"

/** SQLite's schema changes are transactional; kysely's adapter does not say so. All steps are committed together or not at all. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): TransactionalSqliteAdapter {
    return new TransactionalSqliteAdapter()
  }
}

/** Brings an open database to the newest of `migrations`. Throws what the failing step threw; then nothing has changed. */
export async function migrate(
  connection: BetterSqlite.Database,
  migrations: readonly Migration[],
): Promise<void> {
  // Kysely closes its connection when it is destroyed; ours stays open, so it is never destroyed.
  const kysely = new Kysely<unknown>({ dialect: new TransactionalSqliteDialect({ database: connection }) })
  const migrator = new Migrator({
    db: kysely,
    migrationTableName: MIGRATION_TABLE,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          migrations.map((migration) => [
            migration.name,
            {
              up: async (transaction: Kysely<unknown>) => {
                for (const statement of migration.statements) await sql.raw(statement).execute(transaction)
              },
            },
          ]),
        ),
    },
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
