// The calls of a model's family as GBNF: for requests in which a tool must be called.
import { AppError, type ToolDefinition } from "@fireside/protocol"
import type { CallFormat, HeaderCalls, JsonCalls } from "../parse/call-format.ts"
import { badGrammar } from "./bad-grammar.ts"
import { type GbnfBuilder, literal } from "./gbnf-builder.ts"
import { addSchema } from "./schema-to-gbnf.ts"

/** Small models call for ever when they may. */
const PARALLEL_CALLS = 8

export interface ToolCallRules {
  readonly tools: readonly ToolDefinition[]
  readonly format: CallFormat
  readonly parallel: boolean
}

/** An expression for one call, or for several where the family has a form for them. */
export function toolCallRules(builder: GbnfBuilder, input: ToolCallRules): string {
  const { format, tools, parallel } = input
  const args = tools.map((tool) => ({ name: tool.name, rule: argumentsRule(builder, tool) }))
  const either = (write: (call: { name: string; rule: string }) => string): string =>
    builder.rule(args.map(write).join(" | "))
  switch (format.type) {
    case "json":
      return jsonCalls(builder, format, either, parallel)
    case "header":
      return headerCalls(builder, format, either, parallel)
    case "channels":
      return either(
        ({ name, rule }) =>
          `${literal(`<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>`)} ${rule} "<|call|>"`,
      )
    default:
      return format satisfies never
  }
}

function argumentsRule(builder: GbnfBuilder, tool: ToolDefinition): string {
  const schema = tool.parameters.type === undefined ? { ...tool.parameters, type: "object" } : tool.parameters
  try {
    return addSchema(builder, schema)
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    throw badGrammar(`The parameters of the tool \`${tool.name}\`: ${cause.message}`)
  }
}

type Either = (write: (call: { name: string; rule: string }) => string) => string

function jsonCalls(builder: GbnfBuilder, format: JsonCalls, either: Either, parallel: boolean): string {
  const call = either(
    ({ name, rule }) =>
      `${literal(`{"${format.nameKey}": ${JSON.stringify(name)}, "${format.argumentsKey}": `)} ${rule} "}"`,
  )
  const { open, close } = format
  if (format.list) {
    const more = parallel ? ` (", " ${call}){0,${PARALLEL_CALLS - 1}}` : ""
    return builder.rule(
      `${literal(`${open}[`)} ${call}${more} "]"${close === "" ? "" : ` ${literal(close)}`}`,
    )
  }
  if (open === "") return call
  const tagged = builder.rule(`${literal(`${open}\n`)} ${call} ${literal(`\n${close}`)}`)
  return parallel ? builder.rule(`${tagged} ("\\n" ${tagged}){0,${PARALLEL_CALLS - 1}}`) : tagged
}

function headerCalls(builder: GbnfBuilder, format: HeaderCalls, either: Either, parallel: boolean): string {
  const { begin, open, prefix, separator, wrap, close, end } = format
  // Kimi numbers its calls behind the name.
  const number = separator === "<|tool_call_argument_begin|>" ? ":0" : ""
  const call = either(({ name, rule }) =>
    [literal(`${open}${prefix}${name}${number}${separator}${wrap[0]}`), rule, literal(wrap[1] + close)].join(
      " ",
    ),
  )
  const more = parallel ? ` ${call}{0,${PARALLEL_CALLS - 1}}` : ""
  return builder.rule(`${literal(begin)} ${call}${more} ${literal(end)}`)
}
