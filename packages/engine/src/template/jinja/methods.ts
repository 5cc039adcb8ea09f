// Methods of strings, dictionaries and lists that templates call, as Python has them. Only what does not change its owner.
import { type Budget, failed } from "./budget.ts"
import { isEqual } from "./equality.ts"
import { toText } from "./serialize.ts"
import {
  type Callable,
  concatTexts,
  type Dict,
  isDict,
  isList,
  isText,
  iterate,
  type Key,
  keyValue,
  list,
  mapText,
  sliceText,
  type Text,
  textOf,
  typeName,
  type Value,
} from "./values.ts"

type Method<T> = (self: T, args: readonly Value[], named: ReadonlyMap<string, Value>, budget: Budget) => Value

// Python's whitespace; JavaScript's differs in \x1c–\x1f, \x85 and \ufeff.
const SPACE: ReadonlySet<string> = new Set(
  "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
)

export function strip(text: Text, chars: Value, sides: "both" | "left" | "right"): Text {
  const drop = chars === undefined || chars === null ? SPACE : new Set(textOf(needText(chars)))
  const plain = textOf(text)
  let start = 0
  let end = plain.length
  if (sides !== "right") while (start < end && drop.has(plain[start] ?? "")) start += 1
  if (sides !== "left") while (end > start && drop.has(plain[end - 1] ?? "")) end -= 1
  return start === 0 && end === plain.length ? text : sliceText(text, start, end)
}

export function replaceText(text: Text, from: Text, to: Text, limit: number, budget: Budget): Text {
  const plain = textOf(text)
  const needle = textOf(from)
  const parts: Text[] = []
  let length = plain.length
  let at = 0
  let count = 0
  let search = 0
  while (count < limit) {
    const found = plain.indexOf(needle, search)
    if (found < 0 || found > plain.length) break
    budget.spend(1)
    length += textOf(to).length - needle.length
    budget.spendText(Math.max(0, length - plain.length))
    parts.push(sliceText(text, at, found), to)
    at = found + needle.length
    search = needle === "" ? found + 1 : at
    count += 1
    if (needle === "" && found >= plain.length) break
  }
  parts.push(sliceText(text, at, plain.length))
  return concatTexts(parts)
}

function splitText(text: Text, separator: Value, limit: number, budget: Budget): Text[] {
  const plain = textOf(text)
  budget.spendText(plain.length)
  const parts: Text[] = []
  if (separator === undefined || separator === null) {
    const words = textOf(strip(text, undefined, "both")) === "" ? [] : wordRanges(plain)
    for (const [index, [start, end]] of words.entries()) {
      budget.spend(1)
      if (index === limit) {
        parts.push(strip(sliceText(text, start, plain.length), undefined, "right"))
        break
      }
      parts.push(sliceText(text, start, end))
    }
    return parts
  }
  const needle = textOf(needText(separator))
  if (needle === "") throw failed("split() was given an empty separator")
  let at = 0
  while (parts.length < limit) {
    const found = plain.indexOf(needle, at)
    if (found < 0) break
    budget.spend(1)
    parts.push(sliceText(text, at, found))
    at = found + needle.length
  }
  parts.push(sliceText(text, at, plain.length))
  return parts
}

function wordRanges(plain: string): [number, number][] {
  const ranges: [number, number][] = []
  let start = -1
  for (let i = 0; i <= plain.length; i += 1) {
    const space = i === plain.length || SPACE.has(plain[i] ?? "")
    if (!space && start < 0) start = i
    if (space && start >= 0) {
      ranges.push([start, i])
      start = -1
    }
  }
  return ranges
}

function splitFromRight(text: Text, separator: Value, limit: number, budget: Budget): Text[] {
  if (separator === undefined || separator === null || limit === Number.POSITIVE_INFINITY)
    return splitText(text, separator, limit, budget)
  const plain = textOf(text)
  const needle = textOf(needText(separator))
  if (needle === "") throw failed("rsplit() was given an empty separator")
  budget.spendText(plain.length)
  const parts: Text[] = []
  let end = plain.length
  while (parts.length < limit && end > 0) {
    const found = plain.lastIndexOf(needle, end - needle.length)
    if (found < 0 || end < needle.length) break
    budget.spend(1)
    parts.unshift(sliceText(text, found + needle.length, end))
    end = found
  }
  parts.unshift(sliceText(text, 0, end))
  return parts
}

export function splitLines(text: Text, keepEnds = false): Text[] {
  const lines: Text[] = []
  const plain = textOf(text)
  let at = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Python breaks lines at exactly these
  for (const match of plain.matchAll(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g)) {
    lines.push(sliceText(text, at, keepEnds ? match.index + match[0].length : match.index))
    at = match.index + match[0].length
  }
  if (at < plain.length) lines.push(sliceText(text, at, plain.length))
  return lines
}

export function joinTexts(separator: Text, items: readonly Value[], budget: Budget): Text {
  const parts: Text[] = []
  let length = 0
  for (const item of items) {
    if (parts.length > 0) parts.push(separator)
    const part = toText(item, budget)
    parts.push(part)
    length += textOf(part).length + textOf(separator).length
    budget.spend(1)
    budget.spendText(Math.min(length, textOf(part).length + textOf(separator).length))
  }
  budget.spendText(length)
  return concatTexts(parts)
}

export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()
export const titleCase = (text: string): string =>
  text.replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())

/** `"%s has %d" % values`: the conversions that templates use. */
export function formatPercent(format: Text, values: readonly Value[], budget: Budget): Text {
  let next = 0
  return formatWith(
    format,
    /%(?:%|[sdr])/g,
    (found) => (found === "%%" ? "%" : toText(values[next++], budget)),
    budget,
  )
}

/** `"{} and {name}".format(...)` without format specifications. */
function formatBraces(
  format: Text,
  args: readonly Value[],
  named: ReadonlyMap<string, Value>,
  budget: Budget,
): Text {
  let next = 0
  return formatWith(
    format,
    /\{\{|\}\}|\{([A-Za-z_]\w*|\d*)\}/g,
    (found, name) => {
      if (found === "{{") return "{"
      if (found === "}}") return "}"
      if (name === undefined || name === "") return toText(args[next++], budget)
      return toText(/^\d/.test(name) ? args[Number(name)] : named.get(name), budget)
    },
    budget,
  )
}

function formatWith(
  format: Text,
  pattern: RegExp,
  fill: (found: string, name: string | undefined) => Text,
  budget: Budget,
): Text {
  const parts: Text[] = []
  let at = 0
  for (const match of textOf(format).matchAll(pattern)) {
    parts.push(sliceText(format, at, match.index), fill(match[0], match[1]))
    budget.spendText(textOf(parts[parts.length - 1] ?? "").length)
    at = match.index + match[0].length
  }
  parts.push(sliceText(format, at, textOf(format).length))
  budget.spendText(parts.reduce((sum, part) => sum + textOf(part).length, 0))
  return concatTexts(parts)
}

export function needText(value: Value): Text {
  if (!isText(value)) throw failed(`a string is needed, not a ${typeName(value)}`)
  return value
}

const limitOf = (value: Value): number =>
  typeof value === "number" && value >= 0 ? value : Number.POSITIVE_INFINITY

const affix = (value: Value, has: (part: string) => boolean): boolean =>
  isList(value) ? value.items.some((item) => has(textOf(needText(item)))) : has(textOf(needText(value)))

const codePointIndex = (text: string, index: number): number =>
  index < 0 ? -1 : [...text.slice(0, index)].length

const STRING_METHODS: Readonly<Record<string, Method<Text>>> = {
  strip: (self, [chars]) => strip(self, chars, "both"),
  lstrip: (self, [chars]) => strip(self, chars, "left"),
  rstrip: (self, [chars]) => strip(self, chars, "right"),
  upper: (self) => mapText(self, (part) => part.toUpperCase()),
  lower: (self) => mapText(self, (part) => part.toLowerCase()),
  title: (self) => mapText(self, titleCase),
  capitalize: (self) => mapText(self, capitalize),
  startswith: (self, [prefix]) => affix(prefix, (part) => textOf(self).startsWith(part)),
  endswith: (self, [suffix]) => affix(suffix, (part) => textOf(self).endsWith(part)),
  split: (self, [separator, limit], named, budget) =>
    list(splitText(self, separator ?? named.get("sep"), limitOf(limit ?? named.get("maxsplit")), budget)),
  rsplit: (self, [separator, limit], named, budget) =>
    list(
      splitFromRight(self, separator ?? named.get("sep"), limitOf(limit ?? named.get("maxsplit")), budget),
    ),
  splitlines: (self, [keepEnds]) => list(splitLines(self, keepEnds === true)),
  replace: (self, [from, to, count], named, budget) =>
    replaceText(self, needText(from), needText(to), limitOf(count ?? named.get("count")), budget),
  join: (self, [items], _named, budget) => joinTexts(self, iterate(items), budget),
  format: (self, args, named, budget) => formatBraces(self, args, named, budget),
  find: (self, [part]) => codePointIndex(textOf(self), textOf(self).indexOf(textOf(needText(part)))),
  rfind: (self, [part]) => codePointIndex(textOf(self), textOf(self).lastIndexOf(textOf(needText(part)))),
  count: (self, [part], _named, budget) =>
    splitText(self, needText(part), Number.POSITIVE_INFINITY, budget).length - 1,
  isdigit: (self) => /^\p{Nd}+$/u.test(textOf(self)),
  isalpha: (self) => /^\p{L}+$/u.test(textOf(self)),
  isalnum: (self) => /^[\p{L}\p{Nd}]+$/u.test(textOf(self)),
  isspace: (self) => textOf(self) !== "" && textOf(strip(self, undefined, "both")) === "",
  isupper: (self) =>
    textOf(self) !== textOf(self).toLowerCase() && textOf(self) === textOf(self).toUpperCase(),
  islower: (self) =>
    textOf(self) !== textOf(self).toUpperCase() && textOf(self) === textOf(self).toLowerCase(),
  removeprefix: (self, [part]) =>
    textOf(self).startsWith(textOf(needText(part)))
      ? sliceText(self, textOf(needText(part)).length, textOf(self).length)
      : self,
  removesuffix: (self, [part]) =>
    textOf(needText(part)) !== "" && textOf(self).endsWith(textOf(needText(part)))
      ? sliceText(self, 0, textOf(self).length - textOf(needText(part)).length)
      : self,
}

const DICT_METHODS: Readonly<Record<string, Method<Dict>>> = {
  get: (self, [key, fallback], named) => {
    const plain = keyOf(key)
    if (plain !== undefined && self.entries.has(plain)) return self.entries.get(plain)
    return fallback ?? named.get("default") ?? null
  },
  items: (self, _args, _named, budget) => dictItems(self, budget),
  keys: (self) => list([...self.entries.keys()].map((key) => keyValue(self, key))),
  values: (self) => list([...self.entries.values()]),
  copy: (self) => ({ ...self, entries: new Map(self.entries) }),
}

export function dictItems(self: Dict, budget: Budget): Value {
  budget.spend(self.entries.size)
  return list([...self.entries].map(([key, item]) => list([keyValue(self, key), item], true)))
}

const LIST_METHODS: Readonly<Record<string, Method<Value[]>>> = {
  // Some templates keep a queue. transformers' sandbox forbids the two, llama.cpp runs them.
  append: (self, [item], _named, budget) => {
    budget.spend(1)
    self.push(item)
    return null
  },
  pop: (self, [position]) => self.splice(typeof position === "number" ? position : -1, 1)[0],
  count: (self, [item], _named, budget) => self.filter((member) => isEqual(member, item, budget)).length,
  index: (self, [item], _named, budget) => {
    const found = self.findIndex((member) => isEqual(member, item, budget))
    if (found < 0) throw failed("the value is not in the list")
    return found
  },
}

/** What a dictionary files the value under; undefined for what cannot be a key. */
export function keyOf(value: Value): Key | undefined {
  if (typeof value === "number") return value
  return isText(value) ? textOf(value) : undefined
}

/** The method of that name, bound to its owner; undefined when there is none. */
export function findMethod(owner: Value, name: string, budget: Budget): Callable | undefined {
  const bind = <T>(methods: Readonly<Record<string, Method<T>>>, self: T): Callable | undefined => {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    if (method === undefined) return undefined
    return {
      kind: "function",
      name,
      call: (positional, named) => {
        if (isText(owner)) budget.spendText(textOf(owner).length)
        return method(self, positional, named, budget)
      },
    }
  }
  if (isText(owner)) return bind(STRING_METHODS, owner)
  if (isDict(owner)) return bind(DICT_METHODS, owner)
  if (isList(owner)) return bind(LIST_METHODS, owner.items)
  return undefined
}
