// Sets of bytes of one file as sorted, merged half-open ranges `[start, end)`.

export type ByteRange = readonly [start: number, end: number]

/** The set with one more range; overlaps and neighbours are merged. */
export function addRange(ranges: readonly ByteRange[], [start, end]: ByteRange): readonly ByteRange[] {
  if (start >= end) return ranges
  const before = ranges.filter((range) => range[1] < start)
  const after = ranges.filter((range) => range[0] > end)
  const touching = ranges.slice(before.length, ranges.length - after.length)
  const merged: ByteRange = [
    Math.min(start, touching[0]?.[0] ?? start),
    Math.max(end, touching.at(-1)?.[1] ?? end),
  ]
  return [...before, merged, ...after]
}

/** What of the first `sizeBytes` is not in the set, which may reach beyond. */
export function missingRanges(ranges: readonly ByteRange[], sizeBytes: number): readonly ByteRange[] {
  const missing: ByteRange[] = []
  let at = 0
  for (const [start, end] of ranges) {
    if (start >= sizeBytes) break
    if (start > at) missing.push([at, start])
    at = end
  }
  if (at < sizeBytes) missing.push([at, sizeBytes])
  return missing
}

export function countBytes(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, [start, end]) => sum + end - start, 0)
}

/** How far the file is whole from its beginning. */
export function contiguousFront(ranges: readonly ByteRange[]): number {
  const first = ranges[0]
  return first !== undefined && first[0] === 0 ? first[1] : 0
}

/** Checks what a file on disk claims to be ranges: sorted, apart, whole numbers, inside the file. */
export function parseRanges(value: unknown, sizeBytes: number): readonly ByteRange[] | undefined {
  if (!Array.isArray(value)) return undefined
  const ranges: ByteRange[] = []
  let at = -1
  for (const item of value as readonly unknown[]) {
    if (!Array.isArray(item) || item.length !== 2) return undefined
    const [start, end] = item as readonly unknown[]
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) return undefined
    const range = [start as number, end as number] as const // both were just seen to be integers
    if (range[0] <= at || range[0] >= range[1] || range[1] > sizeBytes) return undefined
    ranges.push(range)
    at = range[1]
  }
  return ranges
}
