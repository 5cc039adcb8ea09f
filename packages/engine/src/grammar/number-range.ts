// Numbers between bounds, as GBNF over decimal digits.
import { classRange, literal } from "./gbnf-builder.ts"

/** Digits that a number without a bound on its side may have: what a double keeps exactly. */
const FREE_DIGITS = 15

const digit = (low: number, high: number): string =>
  low === high ? literal(String(low)) : `[${classRange(0x30 + low, 0x30 + high)}]`

const digits = (count: number): string => (count === 0 ? "" : count === 1 ? "[0-9]" : `[0-9]{${count}}`)

/** Alternatives for the whole numbers from `low` to `high`, both of as many digits. */
function sameWidth(low: string, high: string): string[] {
  if (low === high) return [literal(low)]
  if (low.length === 1) return [digit(Number(low), Number(high))]
  const [a, b] = [Number(low[0]), Number(high[0])]
  const rest = low.length - 1
  if (a === b) return sameWidth(low.slice(1), high.slice(1)).map((part) => `${literal(String(a))} ${part}`)
  const out: string[] = []
  const lowFull = /^0*$/.test(low.slice(1))
  const highFull = /^9*$/.test(high.slice(1))
  if (!lowFull)
    out.push(...sameWidth(low.slice(1), "9".repeat(rest)).map((part) => `${literal(String(a))} ${part}`))
  const [from, to] = [lowFull ? a : a + 1, highFull ? b : b - 1]
  if (from <= to) out.push(`${digit(from, to)} ${digits(rest)}`)
  if (!highFull)
    out.push(...sameWidth("0".repeat(rest), high.slice(1)).map((part) => `${literal(String(b))} ${part}`))
  return out
}

/** Alternatives for the whole numbers from `low` ≥ 0 up to `high`, which may be infinite. */
function wholeNumbers(low: number, high: number): string[] {
  if (high < low) return []
  const out: string[] = []
  const last = Number.isFinite(high) ? String(high).length : Math.max(FREE_DIGITS, String(low).length)
  for (let width = String(low).length; width <= last; width += 1) {
    const first = width === String(low).length ? String(low) : `1${"0".repeat(width - 1)}`
    const end = Number.isFinite(high) && width === last ? String(high) : "9".repeat(width)
    out.push(...sameWidth(first, end))
  }
  return out
}

export interface NumberRange {
  /** Whole numbers; −∞ and ∞ for none. */
  readonly low: number
  readonly high: number
  readonly lowExclusive: boolean
  readonly highExclusive: boolean
}

/** Alternatives for the whole numbers in the range. */
export function integersIn(range: NumberRange): string[] {
  const low = range.lowExclusive ? range.low + 1 : range.low
  const high = range.highExclusive ? range.high - 1 : range.high
  const negative = wholeNumbers(Math.max(1, -high), -low).map((part) => `"-" ${part}`)
  return [...negative, ...wholeNumbers(Math.max(0, low), high)]
}

const FRACTION = '("." [0-9]{1,15})?'
const ZEROS = '("." "0"{1,15})?'
const SOME_FRACTION = '"." [0-9]{0,14} [1-9] [0-9]{0,3}'

/** Alternatives for the decimal numbers in the range, without exponents. */
export function decimalsIn(range: NumberRange): string[] {
  const mirrored = {
    low: Math.max(0, -range.high),
    high: -range.low,
    lowExclusive: range.high >= 0 || range.highExclusive,
    highExclusive: range.lowExclusive,
  }
  const positive = {
    low: Math.max(0, range.low),
    high: range.high,
    lowExclusive: range.low >= 0 && range.lowExclusive,
    highExclusive: range.highExclusive,
  }
  return [...positiveDecimals(mirrored).map((part) => `"-" ${part}`), ...positiveDecimals(positive)]
}

function positiveDecimals(range: NumberRange): string[] {
  const { low, high, lowExclusive, highExclusive } = range
  if (high < low || (high === low && (lowExclusive || highExclusive))) return []
  const out: string[] = []
  if (!lowExclusive) out.push(`${literal(String(low))} ${ZEROS}`)
  if (high === low) return out
  // Between the lower bound and the next whole number; then whole numbers with any fraction; then the upper bound.
  out.push(`${literal(String(low))} ${SOME_FRACTION}`)
  const between = wholeNumbers(low + 1, Number.isFinite(high) ? high - 1 : high)
  if (between.length > 0) out.push(`(${between.join(" | ")}) ${FRACTION}`)
  if (Number.isFinite(high) && !highExclusive) out.push(`${literal(String(high))} ${ZEROS}`)
  return out
}
