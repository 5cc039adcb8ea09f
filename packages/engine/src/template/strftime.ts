// Python's `strftime` in the C locale, in local time: what `strftime_now` of transformers gives.

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
]

const padded = (value: number, width = 2): string => String(value).padStart(width, "0")

const dayOfYear = (date: Date): number =>
  Math.round(
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 0)) /
      86_400_000,
  )

/** Conversions that are not known here stay as they are. */
export function strftime(date: Date, format: string): string {
  const day = DAYS[date.getDay()] ?? ""
  const month = MONTHS[date.getMonth()] ?? ""
  const hour = date.getHours()
  const values: Readonly<Record<string, string>> = {
    "%": "%",
    A: day,
    a: day.slice(0, 3),
    B: month,
    b: month.slice(0, 3),
    d: padded(date.getDate()),
    H: padded(hour),
    I: padded(hour % 12 === 0 ? 12 : hour % 12),
    j: padded(dayOfYear(date), 3),
    M: padded(date.getMinutes()),
    m: padded(date.getMonth() + 1),
    p: hour < 12 ? "AM" : "PM",
    S: padded(date.getSeconds()),
    w: String(date.getDay()),
    Y: String(date.getFullYear()),
    y: padded(date.getFullYear() % 100),
  }
  return format.replace(/%-?([%A-Za-z])/g, (found, letter: string) => {
    const value = values[letter]
    if (value === undefined) return found
    return found.startsWith("%-") ? value.replace(/^0+(?=.)/, "") : value
  })
}
