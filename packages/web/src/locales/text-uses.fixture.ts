// Which texts a source file shows: every `t("…")` with the file of texts that it belongs to. Reads the form that the page is written in
// (`const { t } = useTranslation("models")` at the beginning of a component), not any TypeScript.

export interface TextUse {
  /** Undefined: the file does not say which texts are meant, as where `t` is a parameter. */
  readonly namespace: string | undefined
  /** With `*` for what is only known when it runs. */
  readonly key: string
}

/** `t` as it is called in a stretch of the file. */
interface Declaration {
  readonly at: number
  readonly name: string
  readonly namespace: string
}

const DECLARATION = /\{([^{}]*)\}\s*=\s*useTranslation\(\s*(?:"([\w-]+)")?\s*\)/g
const TERM = /<Term\b[^>]*?\bid="([^"]+)"/g
const LITERAL = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g
const DEFAULT_NAMESPACE = "shell"

export function textUses(source: string): readonly TextUse[] {
  const declarations = declarationsOf(source)
  const names = new Set(["t", ...declarations.map(({ name }) => name)])
  const calls = [...source.matchAll(/(?<![\w.$])(\w+)\(/g)].filter(([, name = ""]) => names.has(name))
  return [
    ...calls.flatMap(({ index, 0: call, 1: name }) => {
      const declared = declarations.filter((it) => it.name === name && it.at < index).at(-1)
      return keysOf(firstArgument(source, index + call.length)).map((key) =>
        withNamespace(key, declared?.namespace),
      )
    }),
    ...[...source.matchAll(TERM)].map(([, id = ""]) => ({ namespace: "glossary", key: id })),
  ]
}

/** Every text in quotes, for keys that reach `t` by another way than as its argument. */
export function quotedTexts(source: string): readonly string[] {
  return [...source.matchAll(LITERAL)].map(
    ([, double, single, template]) => double ?? single ?? template ?? "",
  )
}

function declarationsOf(source: string): readonly Declaration[] {
  return [...source.matchAll(DECLARATION)].flatMap(
    ({ index, 1: bound = "", 2: namespace = DEFAULT_NAMESPACE }) => {
      const name = /(?:^|,)\s*t\s*(?::\s*(\w+))?\s*(?:,|$)/.exec(bound)
      return name === null ? [] : [{ at: index, name: name[1] ?? "t", namespace }]
    },
  )
}

/** `"ns:key"` says by itself where it belongs. */
function withNamespace(key: string, namespace: string | undefined): TextUse {
  const [, named, rest] = /^([\w-]+):([^\s:].*)$/.exec(key) ?? []
  return named === undefined || rest === undefined ? { namespace, key } : { namespace: named, key: rest }
}

/** From behind the opening bracket to the first comma or bracket that is not inside of anything. */
function firstArgument(source: string, start: number): string {
  let depth = 0
  for (let at = start; at < source.length; at++) {
    const sign = source.charAt(at)
    if (sign === '"' || sign === "'" || sign === "`") at = endOfQuote(source, at)
    else if ("([{".includes(sign)) depth++
    else if (")]}".includes(sign) && depth-- === 0) return source.slice(start, at)
    else if (sign === "," && depth === 0) return source.slice(start, at)
  }
  return source.slice(start)
}

function endOfQuote(source: string, start: number): number {
  const quote = source.charAt(start)
  let at = start + 1
  while (at < source.length && source.charAt(at) !== quote) at += source.charAt(at) === "\\" ? 2 : 1
  return at
}

/** The texts that the argument can be; what is compared in it is none of them. */
function keysOf(argument: string): readonly string[] {
  const chosen = argument
    .replace(/[!=]==?\s*(?:"[^"]*"|'[^']*')/g, "")
    .replace(/(?:"[^"]*"|'[^']*')\s*[!=]==?/g, "")
  return quotedTexts(chosen)
    .filter((text) => text !== "")
    .map((text) => text.replace(/\$\{[^}]*\}/g, "*"))
}
