// Optional properties of ours are absent, never undefined; what a schema or a flag gives may be undefined.

/** Properties that may be undefined may be absent here; the others are as they were. */
type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Without the properties that are undefined. Null is a value, and stays. */
export function defined<T extends object>(values: T): Defined<T> {
  // What is left has no undefined: that is the type's whole claim.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>
}
