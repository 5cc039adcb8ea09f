// Seeded random numbers for tests: the same seed and name give the same numbers on every machine.

export type Random = () => number

/** Numbers from 0 up to, not including, 1 (mulberry32 by Tommy Ettinger, public domain). */
export function seededRandom(seed: number, name = ""): Random {
  let state = seed >>> 0
  for (const character of name) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number from 0 up to, not including, `below`. */
export function randomInteger(random: Random, below: number): number {
  return Math.floor(random() * below)
}
