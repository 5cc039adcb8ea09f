// A step of the schema. Numbered, append-only: a step that was released is never changed.

export interface Migration {
  /** `0001-what-it-adds`: the order is that of the names. */
  readonly name: string
  readonly statements: readonly string[]
}
