// The comparisons of our server with both variants of the peer's.
import type { Comparison } from "../scenario.ts"
import { FIRESIDE } from "./fireside-choice.ts"

export interface ServerRow extends Pick<Comparison, "title" | "metric" | "unit" | "better" | "heldBack"> {
  /** Against its defaults, and against the tuned one. Undefined: no aim. */
  readonly goals?: { readonly D?: number; readonly T?: number }
  /** Defaults to `fireside serve`. */
  readonly subject?: string
  /** What the names of the peer's servers end with, where there are several of each. Defaults to nothing. */
  readonly suffix?: string
}

export function againstBoth({
  goals = {},
  subject = FIRESIDE,
  suffix = "",
  ...row
}: ServerRow): readonly Comparison[] {
  return (["D", "T"] as const).map((variant) => {
    const goal = goals[variant]
    return {
      ...row,
      subject,
      against: `llama-server ${variant}${suffix}`,
      ...(goal === undefined ? {} : { goal }),
    }
  })
}
