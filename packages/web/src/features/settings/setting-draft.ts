// A setting as text in a form: what stands there at first, and what its reader wrote, read before it is sent. The server has the last word.
import type { Setting, SettingShape } from "@fireside/protocol"

type SettingValue = Setting["value"]

const UNITS = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
] as const

/** The text of a value; empty: nothing is set. A whole number of units is written with its unit. */
export function writeValue(value: SettingValue, shape: SettingShape): string {
  if (value === null) return ""
  if (shape.type !== "bytes" || typeof value !== "number" || value === 0) return String(value)
  const [name, size] = UNITS.find(([, unit]) => value % unit === 0) ?? ["", 1]
  return `${value / size}${name}`
}

export type ReadDraft =
  /** Null: back to the default. */
  | { readonly type: "value"; readonly value: SettingValue }
  | {
      readonly type: "wrong"
      readonly reason: "number" | "range" | "bytes" | "duration" | "address" | "text"
    }

const wrong = (reason: Extract<ReadDraft, { type: "wrong" }>["reason"]): ReadDraft => ({
  type: "wrong",
  reason,
})

export function readDraft(written: string, shape: SettingShape): ReadDraft {
  const text = written.trim()
  const value: ReadDraft = { type: "value", value: text === "" ? null : text }
  if (text === "") return value
  switch (shape.type) {
    case "whole-number": {
      if (!/^[+-]?\d+$/.test(text)) return wrong("number")
      const number = Number(text)
      return number < shape.min || number > shape.max ? wrong("range") : { type: "value", value: number }
    }
    case "bytes":
      return /^\d+(\.\d+)?\s*([kmgt]?i?b?)$/i.test(text) ? value : wrong("bytes")
    case "duration":
      return /^-?\d+(\.\d+)?\s*(ms|[smhd])?$/i.test(text) ? value : wrong("duration")
    case "address":
      return /^https?:\/\/[^/\s]/i.test(text) && URL.canParse(text) ? value : wrong("address")
    case "text":
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
      return text.length > shape.maxLength || /[\u0000-\u001f\u007f]/.test(text) ? wrong("text") : value
    case "yes-or-no":
      return { type: "value", value: text === "true" }
    case "choice":
    case "list":
    case "path":
      return value
    default:
      return shape satisfies never
  }
}

export type SettingAccess =
  | "open"
  /** Only on the machine's own terminal. */
  | "terminal"
  /** A variable or a flag says it, and wins over what would be saved. */
  | "overruled"

export function settingAccess({ source, changedBy }: Pick<Setting, "source" | "changedBy">): SettingAccess {
  if (source === "environment" || source === "flag") return "overruled"
  return changedBy === "terminal" ? "terminal" : "open"
}
