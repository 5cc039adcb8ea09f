// The values of `format` that can be enforced, as GBNF of the text between the quotes.

const TWO_DIGITS_TO_59 = "[0-5] [0-9]"
const HOUR = '([01] [0-9] | "2" [0-3])'
const TIME = `${HOUR} ":" ${TWO_DIGITS_TO_59} ":" ${TWO_DIGITS_TO_59} ("." [0-9]{1,9})? ([zZ] | [-+] ${HOUR} ":" ${TWO_DIGITS_TO_59})`

const UP_TO_28 = '("0" [1-9] | "1" [0-9] | "2" [0-8])'
const LEAP_PAIR = '("0" [48] | [2468] [048] | [13579] [26])'
// 29 February exists in years that 4 divides, but of the hundreds only in those that 400 divides.
const LEAP_YEAR = `([0-9]{2} ${LEAP_PAIR} | (${LEAP_PAIR} | "00") "00")`
const DATE = [
  `[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ${UP_TO_28}`,
  '[0-9]{4} "-" ("0" [13-9] | "1" [0-2]) "-" ("29" | "30")',
  '[0-9]{4} "-" ("0" [13578] | "1" [02]) "-31"',
  `${LEAP_YEAR} "-02-29"`,
].join(" | ")

const OCTET = '("25" [0-5] | "2" [0-4] [0-9] | "1" [0-9]{2} | [1-9] [0-9] | [0-9])'
const LABEL = "[a-zA-Z0-9] ([a-zA-Z0-9-]{0,61} [a-zA-Z0-9])?"
const HOST = `${LABEL} ("." ${LABEL}){0,8}`
const URI_CHAR = '[a-zA-Z0-9._~:/?#@!$&\'()*+,;=-] | "%" [0-9a-fA-F]{2}'

const FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: TIME,
  "date-time": `(${DATE}) [tT] ${TIME}`,
  uuid: '[0-9a-fA-F]{8} ("-" [0-9a-fA-F]{4}){3} "-" [0-9a-fA-F]{12}',
  email: `[a-zA-Z0-9_+-]{1,32} ("." [a-zA-Z0-9_+-]{1,32}){0,4} "@" ${LABEL} ("." ${LABEL}){1,8}`,
  hostname: HOST,
  ipv4: `${OCTET} ("." ${OCTET}){3}`,
  uri: `[a-zA-Z] [a-zA-Z0-9+.-]{0,15} ":" (${URI_CHAR}){1,500}`,
}

/** Undefined for a format that cannot be enforced. */
export const formatRule = (format: string): string | undefined =>
  Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined

/** What the same formats accept, for checking an instance. Each is a superset of its rule's language. */
const CHECKS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: (text) => /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([zZ]|[-+]([01]\d|2[0-3]):[0-5]\d)$/.test(text),
  "date-time": (text) =>
    isDate(text.slice(0, 10)) && /^[tT]$/.test(text.slice(10, 11)) && matchesFormat("time", text.slice(11)),
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
  email: (text) => /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text),
  hostname: (text) =>
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(text),
  ipv4: (text) => /^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.|$)){4}$/.test(text) && !text.endsWith("."),
  uri: (text) => /^[a-z][a-z0-9+.-]*:[^\s]*$/i.test(text),
}

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []
  if (year === undefined || month === undefined || day === undefined) return false
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}

export function matchesFormat(format: string, text: string): boolean {
  return Object.hasOwn(CHECKS, format) && CHECKS[format]?.(text) === true
}
