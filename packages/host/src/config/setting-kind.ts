// The kinds of values that settings have. Each reads a text (environment, flags, file) or the JSON value itself (file).
import type { SettingShape } from "@fireside/protocol"

export interface SettingKind<Value> {
  /** What is accepted, for messages and the reference: `a whole number from 1 to 1024`. */
  readonly accepts: string
  /** For a form. */
  readonly shape: SettingShape
  /** Undefined when `input` is not of this kind. */
  parse(input: unknown): Value | undefined
  /** As it is written in `config.json` and shown to the user; `parse` reads it back. */
  format(value: Value): string | number | boolean
}

const asText = (input: unknown): string | undefined => (typeof input === "string" ? input.trim() : undefined)

/** One line of text. */
export function text({ maxLength }: { readonly maxLength: number }): SettingKind<string> {
  return {
    accepts: `text of at most ${maxLength} characters, without line breaks`,
    shape: { type: "text", maxLength },
    parse(input) {
      const value = asText(input)
      if (value === undefined || value === "" || value.length > maxLength) return undefined
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
      return /[\u0000-\u001f\u007f]/.test(value) ? undefined : value
    },
    format: (value) => value,
  }
}

export function choice<const Value extends string>(values: readonly Value[]): SettingKind<Value> {
  return {
    accepts: values.map((value) => `\`${value}\``).join(", "),
    shape: { type: "choice", choices: [...values] },
    parse: (input) => values.find((value) => value === asText(input)?.toLowerCase()),
    format: (value) => value,
  }
}

export function wholeNumber({
  min,
  max,
}: {
  readonly min: number
  readonly max: number
}): SettingKind<number> {
  return {
    accepts: `a whole number from ${min} to ${max}`,
    shape: { type: "whole-number", min, max },
    parse(input) {
      const written = asText(input)
      const value = written !== undefined && /^[+-]?\d+$/.test(written) ? Number(written) : input
      return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
        ? value
        : undefined
    },
    format: (value) => value,
  }
}

const YES = ["1", "true", "yes", "on"]
const NO = ["0", "false", "no", "off"]

export const yesOrNo: SettingKind<boolean> = {
  accepts: "`true` or `false` (also 1/0, yes/no, on/off)",
  shape: { type: "yes-or-no" },
  parse(input) {
    if (typeof input === "boolean") return input
    const written = asText(input)?.toLowerCase() ?? ""
    if (YES.includes(written)) return true
    return NO.includes(written) ? false : undefined
  },
  format: (value) => value,
}

const BINARY_UNITS = ["b", "kib", "mib", "gib", "tib"]
const DECIMAL_UNITS = ["b", "kb", "mb", "gb", "tb"]
const SHORT_UNITS = ["b", "k", "m", "g", "t"]

/** Bytes. `K M G T` and `KiB …` count by 1024, `KB …` by 1000. */
export function sizeBytes({ min }: { readonly min: number }): SettingKind<number> {
  return {
    accepts: "a number of bytes, or with a unit: `512MiB`, `8G`, `1.5GB`",
    shape: { type: "bytes", min },
    parse(input) {
      const value = typeof input === "number" ? input : bytesOf(asText(input) ?? "")
      return value !== undefined && Number.isSafeInteger(value) && value >= min ? value : undefined
    },
    format: (value) => value,
  }
}

function bytesOf(written: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(written)
  if (match === null) return undefined
  const amount = Number(match[1])
  const unit = (match[2] ?? "").toLowerCase() || "b"
  const decimal = DECIMAL_UNITS.indexOf(unit)
  if (decimal > 0) return Math.round(amount * 1_000 ** decimal)
  const binary = Math.max(BINARY_UNITS.indexOf(unit), SHORT_UNITS.indexOf(unit))
  return binary < 0 ? undefined : Math.round(amount * 1_024 ** binary)
}

const SECONDS_OF: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3_600, d: 86_400 }
const LONGEST_DURATION_SECONDS = 365 * 86_400

/** Milliseconds; `Infinity` for every negative number. A number without a unit is seconds, as Ollama's clients write it. */
export const duration: SettingKind<number> = {
  accepts: "seconds, or with a unit: `30s`, `5m`, `1h`; 0 for at once, a negative number for ever",
  shape: { type: "duration" },
  parse(input) {
    const written = typeof input === "number" ? String(input) : asText(input)
    const match = /^(-?\d+(?:\.\d+)?)\s*(ms|[smhd]?)$/i.exec(written ?? "")
    if (match === null) return undefined
    const amount = Number(match[1])
    if (amount < 0) return Number.POSITIVE_INFINITY
    const unit = (match[2] ?? "").toLowerCase()
    const seconds = unit === "ms" ? amount / 1_000 : amount * (SECONDS_OF[unit] ?? Number.NaN)
    return seconds <= LONGEST_DURATION_SECONDS ? Math.round(seconds * 1_000) : undefined
  },
  format: (value) => (value === Number.POSITIVE_INFINITY ? -1 : `${value / 1_000}s`),
}

/** `http` or `https`, without a trailing slash. */
export const address: SettingKind<string> = {
  accepts: "an address that begins with https:// or http://",
  shape: { type: "address" },
  parse(input) {
    const written = asText(input)
    if (written === undefined || !/^https?:\/\//i.test(written)) return undefined
    const url = URL.parse(written)
    return url === null || url.hostname === "" ? undefined : url.href.replace(/\/+$/, "")
  },
  format: (value) => value,
}

const HOST_NAME = /^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** Names of hosts, with a port or without, in lower case. */
export const hostNames: SettingKind<readonly string[]> = list({
  accepts: "names of hosts, separated by commas",
  parseItem: (item) => (HOST_NAME.test(item) ? item.toLowerCase() : undefined),
})

/** Origins of pages: scheme, host and port. */
export const origins: SettingKind<readonly string[]> = list({
  accepts: "origins such as https://chat.example, separated by commas",
  parseItem(item) {
    const url = /^https?:\/\//i.test(item) ? URL.parse(item) : null
    return url !== null && url.href === `${url.origin}/` ? url.origin : undefined
  },
})

/** Many more than anybody has. */
const LONGEST_LIST = 100

/** A list as text with commas; the file may hold a JSON list too. */
function list({
  accepts,
  parseItem,
}: {
  readonly accepts: string
  readonly parseItem: (item: string) => string | undefined
}): SettingKind<readonly string[]> {
  return {
    accepts,
    shape: { type: "list" },
    parse(input) {
      const written = Array.isArray(input) ? input.map(asText) : asText(input)?.split(",")
      if (written === undefined || written.length > LONGEST_LIST) return undefined
      const items = written.map((item) => (item === undefined ? undefined : parseItem(item.trim())))
      return items.every((item) => item !== undefined) ? items : undefined
    },
    format: (value) => value.join(","),
  }
}

/** A path of this machine, made absolute by the caller. */
export const file: SettingKind<string> = {
  accepts: "the path of a file",
  shape: { type: "path" },
  parse: (input) => folder.parse(input),
  format: (value) => value,
}

/** A path of this machine, made absolute by the caller. */
export const folder: SettingKind<string> = {
  accepts: "the path of a folder",
  shape: { type: "path" },
  parse(input) {
    const written = asText(input)
    return written === undefined || written === "" || written.includes("\0") ? undefined : written
  },
  format: (value) => value,
}
