// The database as others see it: SQL with bound parameters, synchronous, one connection. Opened by `openDatabase`.

export type SqlValue = string | number | bigint | Uint8Array | null

export interface Written {
  readonly changes: number
  /** Row id of the last insert. */
  readonly lastId: number
}

/** Throws `held` when another process writes for too long, `disk-full`, `cannot-write`, `corrupt-data`. */
export interface Database extends AsyncDisposable {
  readonly path: string
  /** `Row` is the caller's promise about the columns: tables are STRICT, so their types hold. */
  all<Row>(sql: string, ...parameters: readonly SqlValue[]): readonly Row[]
  get<Row>(sql: string, ...parameters: readonly SqlValue[]): Row | undefined
  run(sql: string, ...parameters: readonly SqlValue[]): Written
  /**
   * Takes the write lock at once (BEGIN IMMEDIATE), so what `work` reads cannot change before it writes, in any process.
   * Committed and on the disk when it returns; nothing of it is there when it throws. `work` is synchronous.
   */
  transaction<Result>(work: () => Result): Result
}
