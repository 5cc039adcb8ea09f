// The egress ledger: one chained row before each connection, and a second chain of rows for how connections ended.
//
// An entry's hash covers its own columns, the entry before it and the newest completion known then; a completion's hash covers its
// entry's hash, its byte counts and the completion before it. So neither a row nor a byte count can be changed, dropped or cut
// off the end without `verify` noticing. Rows are appended under SQLite's write lock, so several processes keep one chain.
import { createHash } from "node:crypto"
import type { Clock, Database } from "@fireside/host"
import type { ContentClass, LedgerEntry, LockState } from "@fireside/protocol"

export interface EntryClaim {
  readonly reason: string
  readonly feature: string
  readonly contentClass: ContentClass
  readonly host: string
  /** Empty when the connection was refused before its name was resolved. */
  readonly address: string
  readonly port: number
  readonly verdict: "sent" | "blocked"
  readonly lock: LockState
  /** Why it was blocked; empty for what was sent. */
  readonly detail: string
}

export interface Completion {
  readonly bytesOut: number
  readonly bytesIn: number
  /** `done`, or a short reason. */
  readonly outcome: string
}

export interface Ledger {
  /** On the disk when it returns. Throws what the database throws; then nothing may be sent. */
  append(claim: EntryClaim): LedgerEntry
  complete(entry: LedgerEntry, completion: Completion): LedgerEntry
  list(): readonly LedgerEntry[]
  count(): number
  last(): LedgerEntry | null
  /** The `seq` of the first entry that does not hold, or null. */
  verify(): number | null
}

const GENESIS = "0".repeat(64)

interface EntryRow {
  readonly seq: number
  readonly at: string
  readonly reason: string
  readonly feature: string
  readonly host: string
  readonly address: string
  readonly port: number
  readonly content_class: ContentClass
  readonly verdict: "sent" | "blocked"
  readonly lock: LockState
  readonly detail: string
  readonly completion_hash: string
  readonly previous_hash: string
  readonly hash: string
}

interface CompletionRow {
  readonly seq: number
  readonly entry_seq: number
  readonly entry_hash: string
  readonly at: string
  readonly bytes_out: number
  readonly bytes_in: number
  readonly outcome: string
  readonly previous_hash: string
  readonly hash: string
}

type JoinedRow = EntryRow & { readonly bytes_out: number | null; readonly bytes_in: number | null }

const JOINED = `SELECT ledger.*, bytes_out, bytes_in FROM ledger
  LEFT JOIN ledger_completion ON ledger_completion.entry_seq = ledger.seq`

export function createLedger(database: Database, clock: Clock): Ledger {
  const lastOf = (table: "ledger" | "ledger_completion") =>
    database.get<{ seq: number; hash: string }>(`SELECT seq, hash FROM ${table} ORDER BY seq DESC LIMIT 1`)

  return {
    append: (claim) =>
      database.transaction(() => {
        const previous = lastOf("ledger")
        const row: Omit<EntryRow, "hash"> = {
          seq: (previous?.seq ?? 0) + 1,
          at: new Date(clock.now()).toISOString(),
          reason: claim.reason,
          feature: claim.feature,
          host: claim.host,
          address: claim.address,
          port: claim.port,
          content_class: claim.contentClass,
          verdict: claim.verdict,
          lock: claim.lock,
          detail: claim.detail,
          completion_hash: lastOf("ledger_completion")?.hash ?? GENESIS,
          previous_hash: previous?.hash ?? GENESIS,
        }
        const hash = entryHash(row)
        const values = [...entryFields(row), hash]
        database.run(
          `INSERT INTO ledger (seq, at, reason, feature, host, address, port, content_class, verdict, lock, detail,
            completion_hash, previous_hash, hash) VALUES (${values.map(() => "?").join(", ")})`,
          ...values,
        )
        return toEntry({ ...row, hash, bytes_out: 0, bytes_in: 0 })
      }),

    complete: (entry, { bytesOut, bytesIn, outcome }) =>
      database.transaction(() => {
        const previous = lastOf("ledger_completion")
        const row: Omit<CompletionRow, "hash"> = {
          seq: (previous?.seq ?? 0) + 1,
          entry_seq: entry.seq,
          entry_hash: entry.hash,
          at: new Date(clock.now()).toISOString(),
          bytes_out: bytesOut,
          bytes_in: bytesIn,
          outcome,
          previous_hash: previous?.hash ?? GENESIS,
        }
        const values = [...completionFields(row), completionHash(row)]
        database.run(
          `INSERT INTO ledger_completion (seq, entry_seq, entry_hash, at, bytes_out, bytes_in, outcome, previous_hash, hash)
            VALUES (${values.map(() => "?").join(", ")})`,
          ...values,
        )
        return { ...entry, bytesOut, bytesIn }
      }),

    list: () => database.all<JoinedRow>(`${JOINED} ORDER BY ledger.seq`).map(toEntry),
    count: () => database.get<{ n: number }>("SELECT count(*) AS n FROM ledger")?.n ?? 0,
    last() {
      const row = database.get<JoinedRow>(`${JOINED} ORDER BY ledger.seq DESC LIMIT 1`)
      return row === undefined ? null : toEntry(row)
    },
    verify: () => database.transaction(() => firstBroken(database)),
  }
}

function firstBroken(database: Database): number | null {
  const entries = database.all<EntryRow>("SELECT * FROM ledger ORDER BY seq")
  const completions = database.all<CompletionRow>("SELECT * FROM ledger_completion ORDER BY seq")
  const hashOf = new Map(entries.map((entry) => [entry.seq, entry.hash]))
  const broken: number[] = []

  const completionAt = new Map([[GENESIS, 0]])
  let previousHash = GENESIS
  for (const [index, row] of completions.entries()) {
    const holds =
      row.seq === index + 1 &&
      row.previous_hash === previousHash &&
      row.hash === completionHash(row) &&
      row.entry_hash === hashOf.get(row.entry_seq)
    if (!holds) broken.push(row.entry_seq)
    previousHash = row.hash
    completionAt.set(row.hash, row.seq)
  }

  previousHash = GENESIS
  let seenCompletion = 0
  for (const [index, row] of entries.entries()) {
    const completion = completionAt.get(row.completion_hash) ?? -1
    const holds =
      row.seq === index + 1 &&
      row.previous_hash === previousHash &&
      row.hash === entryHash(row) &&
      completion >= seenCompletion
    if (!holds) broken.push(row.seq)
    previousHash = row.hash
    seenCompletion = Math.max(seenCompletion, completion)
  }

  // SQLite remembers the highest number it ever gave: a chain that is shorter lost its end.
  for (const [table, rows] of [
    ["ledger", entries],
    ["ledger_completion", completions],
  ] as const) {
    const given =
      database.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = ?", table)?.seq ?? 0
    if (given > rows.length)
      broken.push(table === "ledger" ? rows.length + 1 : (completions.at(-1)?.entry_seq ?? 1))
  }
  return broken.length === 0 ? null : Math.min(...broken)
}

function entryFields(row: Omit<EntryRow, "hash">): (string | number)[] {
  return [
    row.seq,
    row.at,
    row.reason,
    row.feature,
    row.host,
    row.address,
    row.port,
    row.content_class,
    row.verdict,
    row.lock,
    row.detail,
    row.completion_hash,
    row.previous_hash,
  ]
}

function completionFields(row: Omit<CompletionRow, "hash">): (string | number)[] {
  return [
    row.seq,
    row.entry_seq,
    row.entry_hash,
    row.at,
    row.bytes_out,
    row.bytes_in,
    row.outcome,
    row.previous_hash,
  ]
}

const sha256 = (fields: readonly (string | number)[]) =>
  createHash("sha256").update(JSON.stringify(fields)).digest("hex")
const entryHash = (row: Omit<EntryRow, "hash">) => sha256(entryFields(row))
const completionHash = (row: Omit<CompletionRow, "hash">) => sha256(completionFields(row))

function toEntry(row: JoinedRow): LedgerEntry {
  return {
    seq: row.seq,
    at: row.at,
    reason: row.reason,
    feature: row.feature,
    host: row.host,
    address: row.address,
    port: row.port,
    bytesOut: row.bytes_out ?? 0,
    bytesIn: row.bytes_in ?? 0,
    contentClass: row.content_class,
    verdict: row.verdict,
    hash: row.hash,
    previousHash: row.previous_hash,
  }
}
