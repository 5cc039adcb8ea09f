// Cuts text at the first stop string, wherever the borders of tokens are. Text that may become one is held back.

export interface StopScanner {
  /** Text that is safe to show, and the stop string when one was found: then the stream is over. */
  push(text: string): { readonly text: string; readonly stop: string | null }
  /** What was held back, when the stream ended otherwise. */
  end(): string
}

/** Empty strings stop nothing. When two stop strings begin at the same place, the shorter one is found first. */
export function createStopScanner(stopStrings: readonly string[]): StopScanner {
  const stops = stopStrings.filter((stop) => stop !== "")
  let held = ""
  return {
    push: (text) => {
      if (stops.length === 0) return { text, stop: null }
      held += text
      const found = earliest(held, stops)
      if (found !== null) {
        const before = held.slice(0, found.at)
        held = ""
        return { text: before, stop: found.stop }
      }
      const keep = longestBegun(held, stops)
      const safe = held.slice(0, held.length - keep)
      held = held.slice(held.length - keep)
      return { text: safe, stop: null }
    },
    end: () => {
      const rest = held
      held = ""
      return rest
    },
  }
}

/** The stop string that ends first: with one character at a time it would have been the one that stopped. */
function earliest(text: string, stops: readonly string[]): { at: number; stop: string } | null {
  let best: { at: number; stop: string } | null = null
  for (const stop of stops) {
    const at = text.indexOf(stop)
    if (at < 0) continue
    if (best === null || at + stop.length < best.at + best.stop.length) best = { at, stop }
  }
  return best
}

/** Length of the longest end of `text` that is the beginning of a stop string. */
function longestBegun(text: string, stops: readonly string[]): number {
  let longest = 0
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) {
        longest = length
        break
      }
    }
  }
  return longest
}
