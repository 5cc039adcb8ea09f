// Text up to and with the first occurrence of a mark, as rules: reasoning before an answer that must fit a grammar.
import { classRange, type GbnfBuilder, literal } from "./gbnf-builder.ts"

/** An expression for any text that ends with `mark` and holds it nowhere else. */
export function untilMark(builder: GbnfBuilder, mark: string): string {
  const codes = [...mark].map((char) => char.codePointAt(0) ?? 0)
  const states = codes.map(() => builder.reserve())
  for (const [state, name] of states.entries()) {
    const known = [...new Set(codes)]
    const alternatives = known.map((code) => {
      const next = nextState(codes, state, code)
      return next === codes.length
        ? literal(String.fromCodePoint(code))
        : `[${classRange(code, code)}] ${states[next]}`
    })
    const others = known.map((code) => classRange(code, code)).join("")
    builder.define(name, [...alternatives, `[^${others}] ${states[0]}`].join(" | "))
  }
  return states[0] ?? '""'
}

/** How much of the mark has been seen after one more character: the longest beginning of it that the text ends with. */
function nextState(codes: readonly number[], state: number, code: number): number {
  const seen = [...codes.slice(0, state), code]
  for (let length = seen.length; length > 0; length -= 1)
    if (codes.slice(0, length).every((one, i) => one === seen[seen.length - length + i])) return length
  return 0
}
