// Where the last tokens of a text stood before in it: what followed there is a guess of what follows here.
import { LONGEST_MATCH } from "./hit-rates.ts"

/**
 * Tokens that must be the same, most first. Of text that goes round in circles within circles only the long ones find the right place: the
 * short ones find the last, from where the inner circle is left another way.
 */
const SIZES = [16, 4, 3, 2] as const
const SHORTEST = SIZES[SIZES.length - 1] ?? 0
const FIRST_SLOTS = 1_024
/** Slots of a table at most: 2 MB a stream with all tables. Of longer texts only the end is known. */
const MOST_SLOTS = 1 << 17

export interface Draft {
  readonly tokens: readonly number[]
  /** How many tokens before the draft are the same as here, from 2 to 48. */
  readonly matchLength: number
}

export interface NgramIndex {
  /** Guesses the tokens after the end of the text; null when its end was never seen before. */
  draft(length: number): Draft | null
}

interface Table {
  readonly size: number
  /** Position after an n-gram, plus one; 0: free. */
  slots: Int32Array
  used: number
}

/**
 * An index over `tokens`, which may grow at its end between calls, and nothing else. A draft costs time in proportion to what
 * was added since the last one. `mostSlots` is a power of two.
 */
export function createNgramIndex(
  tokens: readonly number[],
  { mostSlots = MOST_SLOTS }: { mostSlots?: number } = {},
): NgramIndex {
  const tables: Table[] = SIZES.map((size) => ({
    size,
    slots: new Int32Array(Math.min(FIRST_SLOTS, mostSlots)),
    used: 0,
  }))
  /** The n-grams that end before this position are in the tables. */
  let indexed = SHORTEST
  let windowStart = 0

  const add = (table: Table, end: number) => {
    if (end - table.size < windowStart) return
    const slot = slotOf(table, tokens, end)
    if (table.slots[slot] === 0) table.used += 1
    table.slots[slot] = end + 1
  }
  const refill = (slots: number) => {
    for (const table of tables) {
      table.slots = new Int32Array(slots)
      table.used = 0
      for (let end = Math.max(SHORTEST, windowStart); end < indexed; end++) add(table, end)
    }
  }
  const makeRoom = () => {
    const slots = tables[0]?.slots.length ?? 0
    if (tables.every(({ used }) => used < slots / 2)) return
    // A quarter of the slots is in use afterwards, so that this happens once in so many tokens.
    if (slots >= mostSlots) windowStart = indexed - slots / 4
    refill(Math.min(slots * 2, mostSlots))
  }
  const catchUp = () => {
    // The n-gram at the very end has nothing after it yet.
    while (indexed < tokens.length) {
      for (const table of tables) add(table, indexed)
      indexed += 1
      makeRoom()
    }
  }

  return {
    draft: (length) => {
      catchUp()
      const end = tokens.length
      for (const table of tables) {
        if (end < table.size) continue
        const found = table.slots[slotOf(table, tokens, end)] ?? 0
        if (found === 0) continue
        const from = found - 1
        return {
          tokens: continuation(tokens, from, length),
          matchLength: commonLength(tokens, from, end),
        }
      }
      return null
    },
  }
}

/** The slot of the n-gram that ends before `end`: the one that holds it, or the free one that is its place. */
function slotOf({ size, slots }: Table, tokens: readonly number[], end: number): number {
  let hash = size
  for (let at = end - size; at < end; at++)
    hash = Math.imul(hash ^ (tokens[at] ?? 0), 0x9e3779b1) ^ (hash >>> 15)
  const mask = slots.length - 1
  let slot = (hash ^ (hash >>> 16)) & mask
  for (let held = slots[slot] ?? 0; held !== 0; held = slots[slot] ?? 0) {
    if (isSame(tokens, held - 1, end, size)) return slot
    slot = (slot + 1) & mask
  }
  return slot
}

function isSame(tokens: readonly number[], first: number, second: number, size: number): boolean {
  for (let back = 1; back <= size; back++) if (tokens[first - back] !== tokens[second - back]) return false
  return true
}

function commonLength(tokens: readonly number[], first: number, second: number): number {
  let length = 0
  while (
    length < LONGEST_MATCH &&
    length < first &&
    tokens[first - 1 - length] === tokens[second - 1 - length]
  )
    length += 1
  return length
}

/** A continuation that reaches the end of the text goes round: what is repeated is repeated again. */
function continuation(tokens: readonly number[], from: number, length: number): number[] {
  const period = tokens.length - from
  return Array.from({ length }, (_, index) => tokens[from + (index % period)] ?? 0)
}
