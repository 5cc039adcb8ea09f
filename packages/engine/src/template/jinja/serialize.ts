// Values → text: as Python prints them (`str`, `repr`) and as transformers' `tojson` writes them.
import { type Budget, failed } from "./budget.ts"
import {
  concatTexts,
  type Dict,
  isCallable,
  isList,
  isNamespace,
  isText,
  keyValue,
  type List,
  mapText,
  type Text,
  textOf,
  type Value,
} from "./values.ts"

export function toText(value: Value, budget: Budget): Text {
  if (value === undefined) return ""
  if (isText(value)) return value
  return toRepr(value, budget)
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "nan"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  return String(value)
}

function toRepr(value: Value, budget: Budget): Text {
  budget.spend(1)
  if (value === undefined) return "Undefined"
  if (value === null) return "None"
  if (typeof value === "boolean") return value ? "True" : "False"
  if (typeof value === "number") return numberText(value)
  if (isText(value)) return quote(value)
  if (isCallable(value)) return `<function ${value.name}>`
  if (isNamespace(value)) return "<Namespace>"
  budget.enter()
  const parts: Text[] = []
  if (isList(value)) {
    for (const item of value.items) parts.push(parts.length === 0 ? "" : ", ", toRepr(item, budget))
    const single = value.tuple && value.items.length === 1 ? "," : ""
    parts.unshift(value.tuple ? "(" : "[")
    parts.push(single, value.tuple ? ")" : "]")
  } else {
    for (const [key, item] of value.entries)
      parts.push(
        parts.length === 0 ? "" : ", ",
        toRepr(keyValue(value, key), budget),
        ": ",
        toRepr(item, budget),
      )
    parts.unshift("{")
    parts.push("}")
  }
  budget.leave()
  return joined(parts, budget)
}

const joined = (parts: readonly Text[], budget: Budget): Text => {
  let length = 0
  for (const part of parts) length += textOf(part).length
  budget.spendText(length)
  return concatTexts(parts)
}

const REPR_ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" }

/** Python's choice: single quotes, unless the text has some and no double quotes. */
function quote(text: Text): Text {
  const plain = textOf(text)
  const mark = plain.includes("'") && !plain.includes('"') ? '"' : "'"
  const escaped = mapText(text, (stretch) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Python escapes exactly these
    stretch.replace(/[\\\n\r\t'\x00-\x1f\x7f]/g, (char) => {
      if (char === "'") return mark === "'" ? "\\'" : char
      return REPR_ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`
    }),
  )
  return concatTexts([mark, escaped, mark])
}

export interface JsonStyle {
  readonly indent: string | null
  readonly itemSeparator: string
  readonly keySeparator: string
  readonly ensureAscii: boolean
  readonly sortKeys: boolean
}

/** `json.dumps` of Python with these settings. */
export function toJson(value: Value, style: JsonStyle, budget: Budget): Text {
  return writeJson(value, style, "\n", budget)
}

function jsonString(text: Text, style: JsonStyle): Text {
  const escaped = mapText(text, (stretch) => {
    // Lone surrogates come out of JSON.stringify as escapes, as Python's do with ensure_ascii.
    const body = JSON.stringify(stretch).slice(1, -1)
    return style.ensureAscii
      ? body.replace(/[\x7f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
      : body
  })
  return concatTexts(['"', escaped, '"'])
}

function writeJson(value: Value, style: JsonStyle, newline: string, budget: Budget): Text {
  budget.spend(1)
  if (value === undefined || isCallable(value) || isNamespace(value))
    throw failed("a value that is not data was given to `tojson`")
  if (value === null) return "null"
  if (typeof value === "boolean" || typeof value === "number") return String(value)
  if (isText(value)) return jsonString(value, style)
  budget.enter()
  const inner = style.indent === null ? "" : newline + style.indent
  const outer = style.indent === null ? "" : newline
  const next = newline + (style.indent ?? "")
  const members = isList(value)
    ? listMembers(value, style, next, budget)
    : dictMembers(value, style, next, budget)
  budget.leave()
  const [open, close] = isList(value) ? ["[", "]"] : ["{", "}"]
  if (members.length === 0) return open + close
  const parts: Text[] = [open]
  for (const [index, member] of members.entries())
    parts.push(index === 0 ? "" : style.itemSeparator, inner, member)
  parts.push(outer, close)
  return joined(parts, budget)
}

const listMembers = (value: List, style: JsonStyle, newline: string, budget: Budget): Text[] =>
  value.items.map((item) => writeJson(item, style, newline, budget))

const jsonKey = (key: Text | number, style: JsonStyle): Text =>
  jsonString(typeof key === "number" ? String(key) : key, style)

function dictMembers(value: Dict, style: JsonStyle, newline: string, budget: Budget): Text[] {
  const entries = [...value.entries]
  if (style.sortKeys) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return entries.map(([key, item]) =>
    concatTexts([
      jsonKey(keyValue(value, key), style),
      style.keySeparator,
      writeJson(item, style, newline, budget),
    ]),
  )
}
