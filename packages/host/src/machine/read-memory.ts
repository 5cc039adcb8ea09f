// The loop that measures how fast memory is read; `memory-reader.ts` runs it in a thread of its own.

/** Of every processor that Fireside runs on, or a divisor: reading one word of a line moves the whole line. */
const LINE_BYTES = 64
const WORDS_A_LINE = LINE_BYTES / Float64Array.BYTES_PER_ELEMENT

/**
 * Reads one word of every line from `from` to `to` (in lines). Words of neighbouring lines go to sums of their own, so that no addition
 * waits for another; the memory is what is waited for. The sum is returned so that the reads cannot be left out.
 */
export function readLines(words: Float64Array, { from, to }: { from: number; to: number }): number {
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  const end = to * WORDS_A_LINE
  const step = 4 * WORDS_A_LINE
  for (let at = from * WORDS_A_LINE; at + step <= end; at += step) {
    first += words[at] ?? 0
    second += words[at + WORDS_A_LINE] ?? 0
    third += words[at + 2 * WORDS_A_LINE] ?? 0
    fourth += words[at + 3 * WORDS_A_LINE] ?? 0
  }
  return first + second + third + fourth
}

export const linesOf = (bytes: number): number => Math.floor(bytes / LINE_BYTES)
