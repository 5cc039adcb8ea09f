// The search for the most tokens of context that satisfy a condition.
import { CELL_PADDING } from "./memory-need.ts"

/** Under this a chat is of no use; a smaller model is the better advice. */
export const SMALLEST_CONTEXT = 512

/** The largest whole number of cell blocks up to `most` that fits; 0 when none does. `fits` must be monotone. */
export function largestContext(most: number, fits: (contextLength: number) => boolean): number {
  let low = 0
  let high = Math.floor(most / CELL_PADDING)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle * CELL_PADDING)) low = middle
    else high = middle - 1
  }
  return low * CELL_PADDING
}
