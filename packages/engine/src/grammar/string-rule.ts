// Strings of a JSON schema as GBNF: lengths, formats, patterns. One of the three at a time.
import { badGrammar } from "./bad-grammar.ts"
import { type GbnfBuilder, repeat } from "./gbnf-builder.ts"
import { patternToGbnf } from "./pattern-to-gbnf.ts"
import { count, pointer, type Schema } from "./schema-keywords.ts"
import { formatRule } from "./string-formats.ts"

export function stringRule(builder: GbnfBuilder, schema: Schema, where: string): string {
  const min = count(schema, "minLength", where)
  const max = count(schema, "maxLength", where)
  const { format, pattern } = schema
  const length = min !== undefined || max !== undefined
  if (pattern !== undefined) {
    if (typeof pattern !== "string") throw badGrammar("`pattern` is not a string", pointer(where, "pattern"))
    if (length || format !== undefined)
      throw badGrammar(
        "`pattern` cannot be enforced beside a length or a `format`",
        pointer(where, "pattern"),
      )
    return quoted(builder, patternToGbnf(pattern, pointer(where, "pattern")))
  }
  if (format !== undefined) {
    if (length) throw badGrammar("`format` cannot be enforced beside a length", pointer(where, "format"))
    const rule = typeof format === "string" ? formatRule(format) : undefined
    if (rule === undefined)
      throw badGrammar(
        `The \`format\` ${JSON.stringify(format)} cannot be enforced`,
        pointer(where, "format"),
      )
    return quoted(builder, rule)
  }
  if (!length) return builder.primitive("string")
  if (max !== undefined && max < (min ?? 0))
    throw badGrammar("No string has the length that is asked for", where)
  const char = builder.primitive("char")
  return builder.rule(`"\\"" ${repeat(builder, char, min ?? 0, max ?? Number.POSITIVE_INFINITY)} "\\""`)
}

const quoted = (builder: GbnfBuilder, inner: string): string =>
  builder.rule(`"\\"" ${builder.rule(inner)} "\\""`)
