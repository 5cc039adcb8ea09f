// The values of a template, and texts that remember which of their characters the user wrote.
import { failed } from "./budget.ts"

/**
 * A text some of whose characters come from the user. A plain `string` has none.
 * Each mark says which piece of the conversation wrote the stretch, so that what a template leaves out is seen.
 */
export interface MarkedText {
  readonly kind: "text"
  readonly text: string
  /** Ascending and apart. */
  readonly marks: readonly Mark[]
}

export interface Mark {
  readonly start: number
  readonly end: number
  /** A number that the caller of the template gave to this piece of the conversation. */
  readonly source: number
}

export type Text = string | MarkedText

export interface List {
  readonly kind: "list"
  readonly items: Value[]
  readonly tuple: boolean
}

/** Of a dictionary: templates write numbers too. */
export type Key = string | number

export interface Dict {
  readonly kind: "dict"
  readonly entries: Map<Key, Value>
  /** Whose the keys are: properties of a tool's schema, arguments of a call. Undefined: the template's. */
  readonly keySource: number | undefined
}

export interface Namespace {
  readonly kind: "namespace"
  readonly entries: Map<string, Value>
}

export interface Callable {
  readonly kind: "function"
  readonly name: string
  call(positional: readonly Value[], named: ReadonlyMap<string, Value>): Value
}

export type Value = undefined | null | boolean | number | Text | List | Dict | Namespace | Callable

export const isText = (value: Value): value is Text =>
  typeof value === "string" || (typeof value === "object" && value !== null && value.kind === "text")
export const isList = (value: Value): value is List =>
  typeof value === "object" && value !== null && value.kind === "list"
export const isDict = (value: Value): value is Dict =>
  typeof value === "object" && value !== null && value.kind === "dict"
export const isNamespace = (value: Value): value is Namespace =>
  typeof value === "object" && value !== null && value.kind === "namespace"
export const isCallable = (value: Value): value is Callable =>
  typeof value === "object" && value !== null && value.kind === "function"

export const list = (items: Value[], tuple = false): List => ({ kind: "list", items, tuple })
export const dict = (entries: Map<Key, Value>, keySource?: number): Dict => ({
  kind: "dict",
  entries,
  keySource,
})

export const textOf = (text: Text): string => (typeof text === "string" ? text : text.text)
export const marksOf = (text: Text): readonly Mark[] => (typeof text === "string" ? [] : text.marks)
/** The text, all of it written by the user in that piece. */
export const userText = (text: string, source: number): Text =>
  text === "" ? "" : { kind: "text", text, marks: [{ start: 0, end: text.length, source }] }
/** A key with its owner's source. */
export const keyValue = (owner: Dict, key: Key): Text | number =>
  owner.keySource === undefined || typeof key === "number" ? key : userText(key, owner.keySource)

export function sliceText(text: Text, start: number, end: number): Text {
  if (typeof text === "string") return text.slice(start, end)
  const cut = text.text.slice(start, end)
  const marks: Mark[] = []
  for (const mark of text.marks) {
    const from = Math.max(mark.start, start)
    const to = Math.min(mark.end, start + cut.length)
    if (from < to) marks.push({ start: from - start, end: to - start, source: mark.source })
  }
  return marks.length === 0 ? cut : { kind: "text", text: cut, marks }
}

/** Collects pieces; the length is known before the text is made, so that the budget can refuse. */
export interface TextBuilder {
  readonly length: number
  push(piece: Text): void
  build(): Text
}

export function createTextBuilder(): TextBuilder {
  const pieces: string[] = []
  const marks: Mark[] = []
  let length = 0
  return {
    get length() {
      return length
    },
    push(piece) {
      for (const { start, end, source } of marksOf(piece)) {
        const last = marks.at(-1)
        const joins = last !== undefined && last.end === length + start && last.source === source
        if (joins) marks.pop()
        marks.push({ start: joins ? last.start : length + start, end: length + end, source })
      }
      pieces.push(textOf(piece))
      length += textOf(piece).length
    },
    build() {
      const text = pieces.join("")
      return marks.length === 0 ? text : { kind: "text", text, marks }
    },
  }
}

export function concatTexts(parts: readonly Text[]): Text {
  const builder = createTextBuilder()
  for (const part of parts) builder.push(part)
  return builder.build()
}

/** Applies `change` to the user's and the template's stretches apart, so that each result keeps its owner. */
export function mapText(text: Text, change: (stretch: string) => string): Text {
  if (typeof text === "string") return change(text)
  const parts: Text[] = []
  let at = 0
  for (const { start, end, source } of text.marks) {
    parts.push(change(text.text.slice(at, start)), userText(change(text.text.slice(start, end)), source))
    at = end
  }
  parts.push(change(text.text.slice(at)))
  return concatTexts(parts)
}

/** Turns JSON data into values. With a `source`, every text in it, keys too, is the user's. */
export function toValue(data: unknown, source?: number): Value {
  if (data === undefined || data === null) return data
  if (typeof data === "string") return source === undefined ? data : userText(data, source)
  if (typeof data === "number" || typeof data === "boolean") return data
  if (Array.isArray(data)) return list(data.map((item) => toValue(item, source)))
  if (typeof data === "object")
    return dict(new Map(Object.entries(data).map(([key, item]) => [key, toValue(item, source)])), source)
  throw new Error(`a template cannot be given a ${typeof data}`)
}

export function isTruthy(value: Value): boolean {
  if (value === undefined || value === null || value === false || value === 0) return false
  if (value === true || typeof value === "number") return true
  if (isText(value)) return textOf(value) !== ""
  if (isList(value)) return value.items.length > 0
  if (isDict(value)) return value.entries.size > 0
  return true
}

/** What Python calls the type: for messages and for tests. */
export function typeName(value: Value): string {
  if (value === undefined) return "undefined"
  if (value === null) return "none"
  if (typeof value === "boolean") return "boolean"
  if (typeof value === "number") return "number"
  if (isText(value)) return "string"
  return value.kind
}

/** Items that a loop over the value sees. */
export function iterate(value: Value): readonly Value[] {
  if (value === undefined) return []
  if (isList(value)) return value.items
  if (isDict(value)) return [...value.entries.keys()].map((key) => keyValue(value, key))
  if (isText(value)) {
    const items: Text[] = []
    let at = 0
    for (const char of textOf(value)) {
      items.push(sliceText(value, at, at + char.length))
      at += char.length
    }
    return items
  }
  throw failed(`a ${typeName(value)} cannot be iterated`)
}
