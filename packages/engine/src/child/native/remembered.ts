// Answers that never change, kept for the keys that were asked for: a call into the library after each decode is one on cold caches.

/**
 * `compute` is asked once for a key, as long as no more than `most` keys are kept: then all are forgotten. What it throws is not kept. Callers
 * share the values, and leave them as they are.
 */
export function remembered<Value>(
  compute: (key: number) => Value,
  { most }: { readonly most: number },
): (key: number) => Value {
  const known = new Map<number, { readonly value: Value }>()
  return (key) => {
    let entry = known.get(key)
    if (entry === undefined) {
      entry = { value: compute(key) }
      if (known.size >= most) known.clear()
      known.set(key, entry)
    }
    return entry.value
  }
}
