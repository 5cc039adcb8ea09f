// The tables `api_key` and `key_usage`.
import type { Database } from "@fireside/host"
import { KEY_LIMITS, KeyRules } from "@fireside/protocol"

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
  /** False for a name that a valid key has: then nothing is written. The oldest revoked keys go beyond `KEY_LIMITS.keys` of them. */
  insert(key: KeyRow, hash: string): boolean
  /** Newest first. */
  all(): readonly KeyRow[]
  /** How many are not revoked. */
  countValid(): number
  hasValid(): boolean
  byHash(hash: string): KeyRow | undefined
  /** By id, or by name among those that are not revoked, then among all. */
  find(idOrName: string): KeyRow | undefined
  revoke(id: string, at: string): void
  use(id: string, at: string): void
  tokens(id: string, day: string): number
  /** Nothing happens when the key is gone. */
  addTokens(id: string, day: string, tokens: number): void
}

const COLUMNS = "id, name, prefix, rules, created_at, last_used_at, revoked_at"

export function createKeyTable(database: Database): KeyTable {
  return {
    insert: (key, hash) =>
      database.transaction(() => {
        // The index on the names of valid keys decides: another process may be making one of the same name.
        const { changes } = database.run(
          `INSERT INTO api_key (id, name, prefix, hash, rules, created_at) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING`,
          ...[key.id, key.name, key.prefix, hash, JSON.stringify(key.rules), key.createdAt],
        )
        database.run(
          `DELETE FROM api_key WHERE revoked_at IS NOT NULL AND id NOT IN
             (SELECT id FROM api_key WHERE revoked_at IS NOT NULL ORDER BY revoked_at DESC, rowid DESC LIMIT ?)`,
          KEY_LIMITS.keys,
        )
        return changes === 1
      }),
    all: () =>
      database
        .all<StoredRow>(`SELECT ${COLUMNS} FROM api_key ORDER BY created_at DESC, rowid DESC`)
        .map(toRow),
    countValid() {
      const sql = "SELECT count(*) AS count FROM api_key WHERE revoked_at IS NULL"
      return database.get<{ count: number }>(sql)?.count ?? 0
    },
    hasValid: () => database.get("SELECT 1 FROM api_key WHERE revoked_at IS NULL LIMIT 1") !== undefined,
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
        `INSERT INTO key_usage (key_id, day, tokens) SELECT id, ?, ? FROM api_key WHERE id = ?
         ON CONFLICT (key_id, day) DO UPDATE SET tokens = tokens + excluded.tokens`,
        ...[day, tokens, id],
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
