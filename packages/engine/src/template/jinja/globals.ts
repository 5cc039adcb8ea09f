// The functions that every template may call, as transformers provides them.
import { strftime } from "../strftime.ts"
import { type Budget, failed, TemplateFailure } from "./budget.ts"
import { asNumber } from "./equality.ts"
import { toText } from "./serialize.ts"
import {
  type Callable,
  dict,
  isDict,
  isList,
  isText,
  iterate,
  type Key,
  list,
  textOf,
  typeName,
  type Value,
} from "./values.ts"

export function createGlobals(now: Date, budget: Budget): ReadonlyMap<string, Value> {
  const define = (name: string, call: Callable["call"]): [string, Value] => [
    name,
    { kind: "function", name, call },
  ]
  return new Map<string, Value>([
    // Jinja takes both spellings of its constants; the parser leaves them as names.
    ["true", true],
    ["True", true],
    ["false", false],
    ["False", false],
    ["none", null],
    ["None", null],
    define("range", (args) => range(args, budget)),
    define("namespace", (args, named) => namespaceFrom(entriesFrom(args, named))),
    define("dict", (args, named) => dict(entriesFrom(args, named))),
    define("strftime_now", ([format]) => strftime(now, textOf(toText(format, budget)))),
    define("raise_exception", ([message]) => {
      throw new TemplateFailure("raised", `it refused with "${textOf(toText(message, budget))}"`)
    }),
  ])
}

function range(args: readonly Value[], budget: Budget): Value {
  const numbers = args.map((value) => {
    const number = asNumber(value)
    if (number === undefined || !Number.isInteger(number))
      throw failed(`range() needs whole numbers, not a ${typeName(value)}`)
    return number
  })
  const [start = 0, stop = 0, step = 1] = numbers.length === 1 ? [0, ...numbers] : numbers
  if (step === 0) throw failed("range() was given a step of zero")
  const length = Math.max(0, Math.ceil((stop - start) / step))
  // Paid before the list is made: `range(1e9)` must cost nothing.
  budget.spend(length)
  return list(Array.from({ length }, (_, i) => start + i * step))
}

const namespaceFrom = (entries: ReadonlyMap<Key, Value>): Value => ({
  kind: "namespace",
  entries: new Map([...entries].map(([key, value]) => [String(key), value])),
})

function entriesFrom(args: readonly Value[], named: ReadonlyMap<string, Value>): Map<Key, Value> {
  const entries = new Map<Key, Value>()
  const [source] = args
  if (isDict(source)) for (const [key, value] of source.entries) entries.set(key, value)
  else if (source !== undefined)
    for (const pair of iterate(source)) {
      if (!isList(pair) || !isText(pair.items[0])) throw failed("pairs of a name and a value are needed")
      entries.set(textOf(pair.items[0]), pair.items[1])
    }
  for (const [key, value] of named) entries.set(key, value)
  return entries
}
