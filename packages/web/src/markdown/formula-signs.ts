// Models write formulas with four kinds of signs; the parser knows one of them. Here the others become that one. Pure.

/** Code keeps its signs: blocks, also one that is still open, and code within a line. */
const CODE = /^ {0,3}(`{3,}|~{3,})[^\n]*(?:\n[\s\S]*?(?:^ {0,3}\1|(?![\s\S]))|(?![\s\S]))|`+[^`\n]+`+/m

const SQUARE = /\\\[([\s\S]+?)\\\]/g
const ROUND = /\\\(([^\n]+?)\\\)/g
/** Prices are no formulas: the first sign stands close to what follows it, the last one to what comes before it and before no digit. */
const SINGLE = /(?<![\\$])\$(?![\s$])([^$\n]*?[^\s$\\])\$(?![\d$])/g

/** `$x$`, `\(x\)` and `\[x\]` as `$$x$$`. */
export function withFormulaSigns(text: string): string {
  if (!/\$|\\[([]/.test(text)) return text
  let done = ""
  let rest = text
  for (let code = CODE.exec(rest); code !== null; code = CODE.exec(rest)) {
    const end = code.index + code[0].length
    done += rewritten(rest.slice(0, code.index)) + code[0]
    rest = rest.slice(end)
  }
  return done + rewritten(rest)
}

function rewritten(text: string): string {
  return text
    .replace(SQUARE, (_, formula: string) =>
      signed(`\\displaystyle ${formula.trim().replace(/\s*\n\s*/g, " ")}`),
    )
    .replace(ROUND, (_, formula: string) => signed(formula.trim()))
    .replace(SINGLE, (_, formula: string) => signed(formula))
}

function signed(formula: string): string {
  return ["$$", formula, "$$"].join("")
}
