// In other APIs' bodies null means absent, as undefined does; optional properties of ours are absent. Where null is a value: `defined`.

export type Present<T> = { [K in keyof T]?: NonNullable<T[K]> }

/** Without the properties that are undefined or null. */
export function present<T extends object>(values: T): Present<T> {
  // What is left has no undefined and no null: that is the type's whole claim.
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
  ) as Present<T>
}
