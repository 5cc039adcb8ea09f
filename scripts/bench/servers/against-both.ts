// The comparisons of our server with both variants of the peer's.
import type { Comparison } from "../scenario.ts"
import { FIRESIDE } from "./fireside-choice.ts"

export interface ServerRow extends Pick<Comparison, "title" | "metric" | "unit" | "better" | "heldBack"> {
  /** Against its defaults, and against the tuned one. Undefined: no aim. */
  readonly goals?: { readonly D?: number; readonly T?: number }
  /** Defaults to `fireside serve`. */
  readonly subject?: string
}

export function againstBoth({ goals = {}, subject = FIRESIDE, ...row }: ServerRow): readonly Comparison[] {
  return (["D", "T"] as const).map((variant) => {
    const goal = goals[variant]
    return { ...row, subject, against: `llama-server ${variant}`, ...(goal === undefined ? {} : { goal }) }
  })
}
