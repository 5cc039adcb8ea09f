// Numbers as people read them. Machines get them raw through `--json`.

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const

/** Decimal units as disks and downloads use them: `98 MB`, `1.3 GB`. */
export function formatSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}

/** `3 s`, `2 min`, `1 h 20 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return `${minutes} min`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const AGES: readonly [number, string][] = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [7, "day"],
  [4.35, "week"],
  [12, "month"],
  [Number.POSITIVE_INFINITY, "year"],
]

const howLong = (seconds: number): string => {
  let value = seconds
  for (const [next, unit] of AGES) {
    if (value < next) {
      const count = Math.floor(value)
      return `${count} ${unit}${count === 1 ? "" : "s"}`
    }
    value /= next
  }
  return "ages"
}

/** `2 hours ago`; `just now` within ten seconds. */
export function formatAge(date: Date, now: Date): string {
  const seconds = (now.getTime() - date.getTime()) / 1000
  if (!Number.isFinite(seconds)) return "-"
  return seconds < 10 ? "just now" : `${howLong(seconds)} ago`
}

/** `in 4 minutes`; `now` when it is past. */
export function formatUntil(date: Date, now: Date): string {
  const seconds = (date.getTime() - now.getTime()) / 1000
  return seconds < 1 ? "now" : `in ${howLong(seconds)}`
}

/** The first twelve digits, as people compare them. Empty digests show as `-`. */
export function shortDigest(digest: string): string {
  const hex = digest.replace(/^sha256:/, "")
  return hex === "" ? "-" : hex.slice(0, 12)
}

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
