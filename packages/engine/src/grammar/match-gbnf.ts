// Does a text fit a grammar, and which is the shortest text that does? Slow and simple: for tests and the echo engine.
import type { GbnfAlternatives, GbnfItem, GbnfRules } from "./parse-gbnf.ts"

/** The rules must have passed `checkGbnf`. */
export function matchesGbnf(rules: GbnfRules, text: string): boolean {
  const codes = [...text].map((char) => char.codePointAt(0) ?? 0)
  const memo = new Map<string, ReadonlySet<number>>()

  const matchAlternatives = (alternatives: GbnfAlternatives, at: number): ReadonlySet<number> => {
    const ends = new Set<number>()
    for (const sequence of alternatives) {
      let positions: ReadonlySet<number> = new Set([at])
      for (const item of sequence) positions = step(item, positions)
      for (const end of positions) ends.add(end)
    }
    return ends
  }
  const step = (item: GbnfItem, positions: ReadonlySet<number>): ReadonlySet<number> => {
    const ends = new Set<number>()
    for (const at of positions) for (const end of matchItem(item, at)) ends.add(end)
    return ends
  }
  const matchItem = (item: GbnfItem, at: number): Iterable<number> => {
    switch (item.type) {
      case "text":
        return item.codes.every((code, i) => codes[at + i] === code) ? [at + item.codes.length] : []
      case "any":
        return at < codes.length ? [at + 1] : []
      case "class": {
        const code = codes[at]
        return code !== undefined && inClass(item, code) ? [at + 1] : []
      }
      case "rule": {
        const key = `${item.name} ${at}`
        const known = memo.get(key)
        if (known !== undefined) return known
        const ends = matchAlternatives(rules.get(item.name) ?? [], at)
        memo.set(key, ends)
        return ends
      }
      case "group":
        return matchAlternatives(item.alternatives, at)
      case "repeat": {
        const ends = new Set<number>()
        let positions: ReadonlySet<number> = new Set([at])
        for (let count = 0; positions.size > 0 && count <= item.max; count += 1) {
          if (count >= item.min) for (const position of positions) ends.add(position)
          positions = step(item.item, positions)
        }
        return ends
      }
      default:
        return item satisfies never
    }
  }
  return new Set(matchItem({ type: "rule", name: "root" }, 0)).has(codes.length)
}

const inClass = (item: Extract<GbnfItem, { type: "class" }>, code: number): boolean =>
  item.ranges.some(([low, high]) => low <= code && code <= high) !== item.negated

/** The rules must have passed `checkGbnf`: then there is one. */
export function shortestText(rules: GbnfRules): string {
  const best = new Map<string, string>()
  const ofAlternatives = (alternatives: GbnfAlternatives): string | undefined => {
    let shortest: string | undefined
    for (const sequence of alternatives) {
      const parts = sequence.map(ofItem)
      if (parts.includes(undefined)) continue
      const text = parts.join("")
      if (shortest === undefined || text.length < shortest.length) shortest = text
    }
    return shortest
  }
  const ofItem = (item: GbnfItem): string | undefined => {
    switch (item.type) {
      case "text":
        return String.fromCodePoint(...item.codes)
      case "any":
        return "a"
      case "class":
        return oneOf(item)
      case "rule":
        return best.get(item.name)
      case "group":
        return ofAlternatives(item.alternatives)
      case "repeat":
        return item.min === 0 ? "" : ofItem(item.item)?.repeat(item.min)
      default:
        return item satisfies never
    }
  }
  // A text only ever gets shorter, so this ends.
  for (let changed = true; changed; ) {
    changed = false
    for (const [name, alternatives] of rules) {
      const text = ofAlternatives(alternatives)
      const known = best.get(name)
      if (text === undefined || (known !== undefined && known.length <= text.length)) continue
      best.set(name, text)
      changed = true
    }
  }
  return best.get("root") ?? ""
}

function oneOf(item: Extract<GbnfItem, { type: "class" }>): string | undefined {
  for (const char of "a0A1 ") if (inClass(item, char.charCodeAt(0))) return char
  for (const [low] of item.ranges) if (inClass(item, low)) return String.fromCodePoint(low)
  for (let code = 0x21; code < 0x10ffff; code += 1) if (inClass(item, code)) return String.fromCodePoint(code)
  return undefined
}
