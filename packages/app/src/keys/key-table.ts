// The tables `api_key` and `key_usage`.
import type { Database } from "@fireside/host"
import { KeyRules } from "@fireside/protocol"

export interface KeyRow {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly rules: KeyRules
  readonly createdAt: string
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
}

interface StoredRow {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly rules: string
  readonly created_at: string
  readonly last_used_at: string | null
  readonly revoked_at: string | null
}

export interface KeyTable {
  insert(key: KeyRow, hash: string): void
  /** Newest first. */
  all(): readonly KeyRow[]
  count(): number
  byHash(hash: string): KeyRow | undefined
  /** By id, or by name among those that are not revoked, then among all. */
  find(idOrName: string): KeyRow | undefined
  revoke(id: string, at: string): void
  use(id: string, at: string): void
  tokens(id: string, day: string): number
  addTokens(id: string, day: string, tokens: number): void
}

const COLUMNS = "id, name, prefix, rules, created_at, last_used_at, revoked_at"

export function createKeyTable(database: Database): KeyTable {
  return {
    insert(key, hash) {
      database.run(
        "INSERT INTO api_key (id, name, prefix, hash, rules, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        ...[key.id, key.name, key.prefix, hash, JSON.stringify(key.rules), key.createdAt],
      )
    },
    all: () =>
      database
        .all<StoredRow>(`SELECT ${COLUMNS} FROM api_key ORDER BY created_at DESC, rowid DESC`)
        .map(toRow),
    count: () => database.get<{ count: number }>("SELECT count(*) AS count FROM api_key")?.count ?? 0,
    byHash(hash) {
      const row = database.get<StoredRow>(`SELECT ${COLUMNS} FROM api_key WHERE hash = ?`, hash)
      return row === undefined ? undefined : toRow(row)
    },
    find(idOrName) {
      const row = database.get<StoredRow>(
        `SELECT ${COLUMNS} FROM api_key WHERE id = ? OR name = ?
         ORDER BY id = ? DESC, revoked_at IS NULL DESC, created_at DESC LIMIT 1`,
        ...[idOrName, idOrName, idOrName],
      )
      return row === undefined ? undefined : toRow(row)
    },
    revoke: (id, at) => void database.run("UPDATE api_key SET revoked_at = ? WHERE id = ?", at, id),
    use: (id, at) => void database.run("UPDATE api_key SET last_used_at = ? WHERE id = ?", at, id),
    tokens(id, day) {
      const sql = "SELECT tokens FROM key_usage WHERE key_id = ? AND day = ?"
      return database.get<{ tokens: number }>(sql, id, day)?.tokens ?? 0
    },
    addTokens(id, day, tokens) {
      database.run(
        `INSERT INTO key_usage (key_id, day, tokens) VALUES (?, ?, ?)
         ON CONFLICT (key_id, day) DO UPDATE SET tokens = tokens + excluded.tokens`,
        ...[id, day, tokens],
      )
    },
  }
}

function toRow(row: StoredRow): KeyRow {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    // Written by `insert` alone; what is not as it was written must not open anything.
    rules: KeyRules.parse(JSON.parse(row.rules)),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  }
}
