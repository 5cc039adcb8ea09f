// How a model suits this machine, in words: keys of the texts and the numbers that go into them.
import type { ModelFit } from "@fireside/protocol"

/** People read four or five words a second, about six tokens. */
const READING_TOKENS_PER_SECOND = 6

export type Pace = "instant" | "faster" | "reading" | "slower"

/** What so many tokens a second feel like. */
export function paceOf(tokensPerSecond: number): Pace {
  if (tokensPerSecond >= 5 * READING_TOKENS_PER_SECOND) return "instant"
  if (tokensPerSecond >= 1.5 * READING_TOKENS_PER_SECOND) return "faster"
  return tokensPerSecond >= READING_TOKENS_PER_SECOND ? "reading" : "slower"
}

export type FitVerdict = "fits" | "slow" | "will-not-fit" | "no-disk-room" | "unknown"

/** A model that the memory could hold and the disk cannot does not fit either. */
export function fitVerdictOf(fit: ModelFit | null): FitVerdict {
  if (fit === null) return "unknown"
  return fit.label !== "will-not-fit" && !fit.hasDiskRoom ? "no-disk-room" : fit.label
}

const TONES = {
  fits: "good",
  slow: "fair",
  "will-not-fit": "bad",
  "no-disk-room": "bad",
  unknown: "neutral",
} as const satisfies Readonly<Record<FitVerdict, string>>

export function fitToneOf(verdict: FitVerdict): (typeof TONES)[FitVerdict] {
  return TONES[verdict]
}

/** Estimates are within a factor of about two: more digits would be a lie. */
export function roundSpeed(tokensPerSecond: number): number {
  if (tokensPerSecond < 10) return Math.round(tokensPerSecond * 2) / 2
  return Number(tokensPerSecond.toPrecision(tokensPerSecond < 100 ? 1 : 2))
}

export type ModelScale = "tiny" | "small" | "medium" | "large"

/** What may be expected of so many weights; 0 is not known. */
export function scaleOf(parameters: number): ModelScale | undefined {
  if (parameters <= 0) return undefined
  if (parameters < 0.7e9) return "tiny"
  if (parameters < 2.5e9) return "small"
  return parameters < 10e9 ? "medium" : "large"
}

/** `1.7B`, `135M`; empty for 0. */
export function shortCountOf(parameters: number): string {
  if (parameters <= 0) return ""
  const [value, unit] = parameters < 1e9 ? [parameters / 1e6, "M"] : [parameters / 1e9, "B"]
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)}${unit}`
}
