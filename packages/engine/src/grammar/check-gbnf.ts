// Refuses grammars that the native code cannot run: it would hang, crash, or never end its output.
import { badGrammar } from "./bad-grammar.ts"
import {
  type GbnfAlternatives,
  type GbnfItem,
  type GbnfLimits,
  type GbnfRules,
  parseGbnf,
} from "./parse-gbnf.ts"

/** The native check for left recursion walks every path of leading rules anew: their number is bounded. */
const LEADING_PATHS = 100_000

/** Parses and checks; throws `bad-grammar`, naming the rule. */
export function checkGbnf(source: string, limits?: GbnfLimits): GbnfRules {
  const rules = parseGbnf(source, limits)
  if (!rules.has("root")) throw badGrammar("The grammar has no rule `root`.")
  for (const [name, alternatives] of rules)
    for (const used of namesIn(alternatives))
      if (!rules.has(used))
        throw badGrammar(`The grammar uses the rule \`${used}\`, which it does not define.`, name)
  const empty = rulesWhere(rules, (alternatives, known) => canBeEmpty(alternatives, known))
  for (const [name, alternatives] of rules) checkRepetitions(name, alternatives, empty)
  checkLeading(rules, empty)
  const ending = rulesWhere(rules, (alternatives, known) => canEnd(alternatives, known))
  for (const name of rules.keys())
    if (!ending.has(name)) throw badGrammar("Nothing that fits this rule ever ends.", name)
  return rules
}

function* itemsIn(alternatives: GbnfAlternatives): Iterable<GbnfItem> {
  for (const sequence of alternatives)
    for (const item of sequence) {
      yield item
      if (item.type === "group") yield* itemsIn(item.alternatives)
      if (item.type === "repeat") yield* itemsIn([[item.item]])
    }
}

function* namesIn(alternatives: GbnfAlternatives): Iterable<string> {
  for (const item of itemsIn(alternatives)) if (item.type === "rule") yield item.name
}

/** The least set of rules for which `holds`, given the rules already in the set. */
function rulesWhere(
  rules: GbnfRules,
  holds: (alternatives: GbnfAlternatives, known: ReadonlySet<string>) => boolean,
): ReadonlySet<string> {
  const known = new Set<string>()
  const users = new Map<string, string[]>()
  for (const [name, alternatives] of rules)
    for (const used of new Set(namesIn(alternatives))) {
      const list = users.get(used)
      if (list === undefined) users.set(used, [name])
      else list.push(name)
    }
  const queue = [...rules.keys()]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (known.has(name) || !holds(rules.get(name) ?? [], known)) continue
    known.add(name)
    queue.push(...(users.get(name) ?? []))
  }
  return known
}

const canBeEmpty = (alternatives: GbnfAlternatives, empty: ReadonlySet<string>): boolean =>
  alternatives.some((sequence) => sequence.every((item) => isEmptyItem(item, empty)))

function isEmptyItem(item: GbnfItem, empty: ReadonlySet<string>): boolean {
  switch (item.type) {
    case "text":
      return item.codes.length === 0
    case "class":
    case "any":
      return false
    case "rule":
      return empty.has(item.name)
    case "group":
      return canBeEmpty(item.alternatives, empty)
    case "repeat":
      return item.min === 0 || isEmptyItem(item.item, empty)
    default:
      return item satisfies never
  }
}

const canEnd = (alternatives: GbnfAlternatives, ending: ReadonlySet<string>): boolean =>
  alternatives.some((sequence) => sequence.every((item) => endsItem(item, ending)))

function endsItem(item: GbnfItem, ending: ReadonlySet<string>): boolean {
  if (item.type === "rule") return ending.has(item.name)
  if (item.type === "group") return canEnd(item.alternatives, ending)
  if (item.type === "repeat") return item.min === 0 || endsItem(item.item, ending)
  return true
}

/** A repetition of something empty sends the native matcher round in circles. */
function checkRepetitions(name: string, alternatives: GbnfAlternatives, empty: ReadonlySet<string>): void {
  for (const item of itemsIn(alternatives))
    if (item.type === "repeat" && item.max > 1 && isEmptyItem(item.item, empty))
      throw badGrammar("The grammar repeats something that may be empty.", name)
}

/** Rules that can come first in a sequence, with repeats: what the native check walks. */
function* leading(alternatives: GbnfAlternatives, empty: ReadonlySet<string>): Iterable<string> {
  for (const sequence of alternatives)
    for (const item of sequence) {
      const inner = item.type === "repeat" ? item.item : item
      if (inner.type === "rule") yield inner.name
      if (inner.type === "group") yield* leading(inner.alternatives, empty)
      if (inner.type === "repeat") yield* leading([[inner]], empty)
      if (!isEmptyItem(item, empty)) break
    }
}

function checkLeading(rules: GbnfRules, empty: ReadonlySet<string>): void {
  const paths = new Map<string, number>()
  const open = new Set<string>()
  // Its own stack: a chain of 2,000 rules must not be a chain of 2,000 calls.
  const visit = (start: string): void => {
    const stack = [{ name: start, rest: [...leading(rules.get(start) ?? [], empty)], total: 1 }]
    open.add(start)
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const next = frame.rest[0]
      if (next === undefined) {
        paths.set(frame.name, frame.total)
        open.delete(frame.name)
        stack.pop()
        continue
      }
      const known = paths.get(next)
      if (known !== undefined) {
        frame.rest.shift()
        frame.total += known
        if (frame.total > LEADING_PATHS)
          throw badGrammar("The grammar branches too often before any character.", frame.name)
      } else if (open.has(next))
        throw badGrammar("The grammar is left-recursive: the rule can begin with itself.", next)
      else {
        open.add(next)
        stack.push({ name: next, rest: [...leading(rules.get(next) ?? [], empty)], total: 1 })
      }
    }
  }
  for (const name of rules.keys()) if (!paths.has(name)) visit(name)
}
