// Optional properties of ours are absent, never undefined; those of a parsed body may be either, or null.

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined | null> }

/** Without the properties that are undefined or null. */
export function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
  ) as Defined<T>
}
