// Numbers as people of a language write them.

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const

/** Decimal units, as disks and downloads are counted. */
export function formatBytes(bytes: number, locale: string): string {
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1)
  const value = bytes / 1_000 ** step
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: UNITS[step] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: step === 0 || value >= 100 ? 0 : 1,
  }).format(value)
}

/** `0.04 s`, `0.4 s`, `12 s`, `3 min`, `2 h`. */
export function formatDuration(ms: number, locale: string): string {
  const seconds = ms / 1_000
  if (seconds < 90)
    return unit(seconds, "second", { locale, digits: seconds < 0.1 ? 2 : seconds < 10 ? 1 : 0 })
  if (seconds < 5_400) return unit(seconds / 60, "minute", { locale, digits: 0 })
  return unit(seconds / 3_600, "hour", { locale, digits: 1 })
}

/** A moment: the time today, the date before. */
export function formatTime(iso: string, locale: string, now = Date.now()): string {
  const moment = new Date(iso)
  const isToday = moment.toDateString() === new Date(now).toDateString()
  return new Intl.DateTimeFormat(locale, isToday ? { timeStyle: "short" } : { dateStyle: "medium" }).format(
    moment,
  )
}

/** So many a second. */
export function formatRate(perSecond: number, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: perSecond < 10 ? 1 : 0 }).format(perSecond)
}

function unit(
  value: number,
  name: "second" | "minute" | "hour",
  { locale, digits }: { locale: string; digits: number },
): string {
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: name,
    unitDisplay: "short",
    maximumFractionDigits: digits,
  }).format(value)
}
