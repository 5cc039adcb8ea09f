// The filters of `value | name(arguments)`: Jinja's, with transformers' `tojson`.
import { type Budget, failed } from "./budget.ts"
import { asNumber, compare, isEqual } from "./equality.ts"
import {
  capitalize,
  dictItems,
  joinTexts,
  needText,
  replaceText,
  splitLines,
  strip,
  titleCase,
} from "./methods.ts"
import { toJson, toText } from "./serialize.ts"
import { findTypeCheck } from "./type-checks.ts"
import {
  concatTexts,
  isDict,
  isList,
  isText,
  isTruthy,
  iterate,
  list,
  mapText,
  marksOf,
  type Text,
  textOf,
  toValue,
  typeName,
  type Value,
} from "./values.ts"

export interface FilterCall {
  readonly positional: readonly Value[]
  readonly named: ReadonlyMap<string, Value>
}

type Filter = (value: Value, call: FilterCall, budget: Budget) => Value

export function applyFilter(name: string, value: Value, call: FilterCall, budget: Budget): Value {
  const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined
  if (filter === undefined) throw failed(`it uses a filter that is unknown here: \`${name}\``)
  if (isText(value)) budget.spendText(textOf(value).length)
  if (isList(value)) budget.spend(value.items.length)
  return filter(value, call, budget)
}

/** The argument at a position, or of a name; undefined when it is not given. */
const argument = (call: FilterCall, position: number, name: string): Value =>
  call.positional[position] ?? call.named.get(name)

const text =
  (change: (part: string) => string): Filter =>
  (value, _call, budget) =>
    mapText(toText(value, budget), change)

/** A path of attributes: `function.name`, `0.id`. */
function attributeOf(value: Value, path: Value): Value {
  let current = value
  for (const part of isText(path) ? textOf(path).split(".") : [String(path)]) {
    if (isList(current)) current = current.items[Number(part)]
    else if (isDict(current)) current = current.entries.get(part)
    else return undefined
  }
  return current
}

/** `select`, `reject` and their `attr` forms: keeps the items for which the test says `wanted`. */
const choose =
  (wanted: boolean, byAttribute: boolean): Filter =>
  (value, call, budget) => {
    if (!isTruthy(value)) return list([])
    const rest = call.positional.slice(byAttribute ? 1 : 0)
    const name = rest[0] === undefined ? undefined : textOf(needText(rest[0]))
    const check = name === undefined ? isTruthy : findTypeCheck(name)
    if (check === undefined) throw failed(`it uses a test that is unknown here: \`${name}\``)
    return list(
      iterate(value).filter((item) => {
        budget.spend(1)
        const subject = byAttribute ? attributeOf(item, call.positional[0]) : item
        return check(subject, rest[1], budget) === wanted
      }),
    )
  }

const mapItems: Filter = (value, call, budget) => {
  if (!isTruthy(value)) return list([])
  if (call.named.has("attribute")) {
    const path = call.named.get("attribute")
    return list(iterate(value).map((item) => attributeOf(item, path) ?? call.named.get("default")))
  }
  const [name, ...positional] = call.positional
  const filter = textOf(needText(name))
  return list(
    iterate(value).map((item) => {
      budget.spend(1)
      return applyFilter(filter, item, { positional, named: call.named }, budget)
    }),
  )
}

const folded = (value: Value, caseSensitive: boolean): Value =>
  isText(value) && !caseSensitive ? textOf(value).toLowerCase() : value

function sortItems(
  items: readonly Value[],
  key: (item: Value) => Value,
  reverse: boolean,
  budget: Budget,
): Value[] {
  budget.spend(items.length)
  const keyed = items.map((item) => ({ item, key: key(item) }))
  const sign = reverse ? -1 : 1
  return keyed.sort((a, b) => sign * compare(a.key, b.key, budget)).map(({ item }) => item)
}

const extreme =
  (sign: number): Filter =>
  (value, _call, budget) => {
    let best: Value
    for (const item of iterate(value))
      if (best === undefined || sign * compare(item, best, budget) < 0) best = item
    return best
  }

function countOf(value: Value): number {
  if (isText(value)) return [...textOf(value)].length
  if (isDict(value)) return value.entries.size
  if (isList(value)) return value.items.length
  if (value === undefined) return 0
  throw failed(`a ${typeName(value)} has no length`)
}

function toNumber(value: Value, parse: (plain: string) => number, fallback: Value): Value {
  const number = isText(value) ? parse(textOf(value).trim()) : asNumber(value)
  return number === undefined || Number.isNaN(number) ? fallback : number
}

function indent(value: Value, call: FilterCall, budget: Budget): Text {
  const width = argument(call, 0, "width") ?? 4
  if (typeof width === "number" && (width < 0 || width > 1_000)) throw failed("`indent` is wider than 1000")
  const pad: Text = typeof width === "number" ? " ".repeat(width) : needText(width)
  const lines = splitLines(toText(value, budget))
  if (textOf(toText(value, budget)).endsWith("\n")) lines.push("")
  const blank = isTruthy(argument(call, 2, "blank"))
  const first = isTruthy(argument(call, 1, "first"))
  budget.spendText(lines.length * textOf(pad).length)
  const parts: Text[] = []
  for (const [index, line] of lines.entries()) {
    if (index > 0) parts.push("\n")
    const padded = index === 0 ? first : blank || textOf(line) !== ""
    parts.push(padded ? pad : "", line)
  }
  return concatTexts(parts)
}

function writeJson(value: Value, call: FilterCall, budget: Budget): Text {
  const indentation = argument(call, 1, "indent")
  if (typeof indentation === "number" && indentation > 100)
    throw failed("`tojson` is indented by more than 100")
  const separators = argument(call, 2, "separators")
  const [item, key] = isList(separators) ? separators.items.map((part) => textOf(needText(part))) : []
  const pad =
    typeof indentation === "number"
      ? " ".repeat(indentation)
      : isText(indentation)
        ? textOf(indentation)
        : null
  return toJson(
    value,
    {
      indent: pad,
      itemSeparator: item ?? (pad === null ? ", " : ","),
      keySeparator: key ?? ": ",
      ensureAscii: isTruthy(argument(call, 0, "ensure_ascii")),
      sortKeys: isTruthy(argument(call, 3, "sort_keys")),
    },
    budget,
  )
}

function parseJson(value: Value): Value {
  if (!isText(value)) return value
  try {
    return toValue(JSON.parse(textOf(value)), marksOf(value)[0]?.source)
  } catch (cause) {
    throw failed(`\`from_json\` was given text that is not JSON: ${String(cause)}`)
  }
}

const round: Filter = (value, call) => {
  const number = asNumber(value)
  if (number === undefined) throw failed("`round` needs a number")
  const scale = 10 ** (asNumber(argument(call, 0, "precision")) ?? 0)
  return Math.round(number * scale) / scale
}

const unique: Filter = (value, call, budget) => {
  const kept: Value[] = []
  const seen: Value[] = []
  const path = call.named.get("attribute")
  for (const item of iterate(value)) {
    const key = folded(path === undefined ? item : attributeOf(item, path), false)
    if (seen.some((other) => isEqual(other, key, budget))) continue
    seen.push(key)
    kept.push(item)
  }
  return list(kept)
}

const sort: Filter = (value, call, budget) => {
  const path = argument(call, 2, "attribute")
  const caseSensitive = isTruthy(argument(call, 1, "case_sensitive"))
  const key = (item: Value): Value =>
    folded(path === undefined ? item : attributeOf(item, path), caseSensitive)
  return list(sortItems(iterate(value), key, isTruthy(argument(call, 0, "reverse")), budget))
}

const sortDict: Filter = (value, call, budget) => {
  if (!isDict(value)) throw failed(`\`dictsort\` needs a mapping, not a ${typeName(value)}`)
  const by = argument(call, 1, "by")
  const position = isText(by) && textOf(by) === "value" ? 1 : 0
  const caseSensitive = isTruthy(argument(call, 0, "case_sensitive"))
  const key = (pair: Value): Value => folded(isList(pair) ? pair.items[position] : pair, caseSensitive)
  return list(
    sortItems(iterate(dictItems(value, budget)), key, isTruthy(argument(call, 2, "reverse")), budget),
  )
}

const useDefault: Filter = (value, call) => {
  const replaced = value === undefined || (isTruthy(argument(call, 1, "boolean")) && !isTruthy(value))
  return replaced ? (argument(call, 0, "default_value") ?? "") : value
}

const trim: Filter = (value, call, budget) => strip(toText(value, budget), argument(call, 0, "chars"), "both")

const length: Filter = (value) => countOf(value)

const FILTERS: Readonly<Record<string, Filter>> = {
  abs: (value) => Math.abs(asNumber(value) ?? Number.NaN),
  capitalize: text(capitalize),
  count: length,
  d: useDefault,
  default: useDefault,
  dictsort: sortDict,
  first: (value) => iterate(value)[0],
  float: (value, call) => toNumber(value, Number.parseFloat, argument(call, 0, "default") ?? 0),
  from_json: parseJson,
  indent,
  int: (value, call) =>
    toNumber(
      typeof value === "number" ? Math.trunc(value) : value,
      (plain) => Number.parseInt(plain, 10),
      argument(call, 0, "default") ?? 0,
    ),
  items: (value, _call, budget) => {
    if (value === undefined) return list([])
    if (!isDict(value)) throw failed(`\`items\` needs a mapping, not a ${typeName(value)}`)
    return dictItems(value, budget)
  },
  join: (value, call, budget) => {
    const path = argument(call, 1, "attribute")
    const items = path === undefined ? iterate(value) : iterate(value).map((item) => attributeOf(item, path))
    return joinTexts(toText(argument(call, 0, "d") ?? "", budget), items, budget)
  },
  last: (value) => iterate(value).at(-1),
  length,
  list: (value) => list([...iterate(value)]),
  lower: text((part) => part.toLowerCase()),
  map: mapItems,
  max: extreme(-1),
  min: extreme(1),
  reject: choose(false, false),
  rejectattr: choose(false, true),
  replace: (value, call, budget) => {
    const count = argument(call, 2, "count")
    const limit = typeof count === "number" ? count : Number.POSITIVE_INFINITY
    return replaceText(
      toText(value, budget),
      needText(argument(call, 0, "old")),
      needText(argument(call, 1, "new")),
      limit,
      budget,
    )
  },
  reverse: (value) => {
    const items = [...iterate(value)].reverse()
    return isText(value) ? concatTexts(items.filter(isText)) : list(items)
  },
  round,
  safe: (value) => value,
  select: choose(true, false),
  selectattr: choose(true, true),
  sort,
  string: (value, _call, budget) => toText(value, budget),
  sum: (value) => iterate(value).reduce<number>((sum, item) => sum + (asNumber(item) ?? 0), 0),
  title: text(titleCase),
  tojson: writeJson,
  trim,
  unique,
  upper: text((part) => part.toUpperCase()),
}
