// How long a model stays in memory after a request, as Ollama's clients write it and other dialects take over: seconds, or "10m" as Go writes
// durations; negative is for ever, 0 unloads at once.
import { z } from "@fireside/protocol"

/** A field of a body; its output is `RunOptions.keepAliveMs`. Longer than a timer can count is for ever. */
export const KeepAlive = z.union([z.number(), z.string()]).transform((value, context) => {
  const ms = typeof value === "number" ? value * 1_000 : parseDuration(value)
  if (ms === undefined) {
    context.addIssue({
      code: "custom",
      message: "write seconds, or a duration such as 90s, 10m or 1h30m; -1 is for ever",
    })
    return z.NEVER
  }
  return ms < 0 || ms > LONGEST_TIMER_MS ? FOR_EVER : Math.round(ms)
})

const FOR_EVER = -1

/** Timers of Node hold 31 bits; beyond, they end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

const DURATION = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/
const DURATION_PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g

/** Milliseconds; a text without a unit is seconds. */
function parseDuration(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed.length > LONGEST_TEXT) return undefined
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(trimmed)) return Number(trimmed) * 1_000
  if (!DURATION.test(trimmed)) return undefined
  let ms = 0
  for (const [, count, unit] of trimmed.matchAll(DURATION_PART))
    ms += Number(count) * (UNIT_MS[unit ?? ""] ?? 0)
  return trimmed.startsWith("-") ? -ms : ms
}

const LONGEST_TEXT = 64
