// What a request demands of the output → one GBNF grammar, or null when nothing is demanded.
import { AppError, type ResponseFormat, type ToolChoice, type ToolDefinition } from "@fireside/protocol"
import { callFormatOf, reasoningMarksOf, reasoningStart } from "../parse/call-format.ts"
import { checkGbnf } from "./check-gbnf.ts"
import { createGbnfBuilder, type GbnfBuilder, GENERATED_GBNF_LIMITS, literal } from "./gbnf-builder.ts"
import { addSchema } from "./schema-to-gbnf.ts"
import { toolCallRules } from "./tool-call-rules.ts"
import { untilMark } from "./until-mark.ts"

export interface ConstraintInput {
  readonly format?: ResponseFormat
  readonly tools?: readonly ToolDefinition[]
  /** `required` or a named tool: the answer is a call and nothing else, whatever `format` says. */
  readonly toolChoice?: ToolChoice
  /** True: up to eight calls, where the family has a form for several. Defaults to false here: one call. */
  readonly parallelToolCalls?: boolean
  readonly template: string
  /** The last characters of the prompt: reasoning that it opened may be finished before the answer. */
  readonly promptTail: string
}

/**
 * Throws `bad-grammar` for what cannot be enforced as given, `bad-request` for a tool that is not there.
 * Reasoning, where the template has it, stays free; a grammar of the user's own (`gbnf`) is taken as it is.
 */
export function compileConstraint(input: ConstraintInput): { readonly gbnf: string } | null {
  const tools = demandedTools(input)
  if (tools === undefined && input.format?.type === "gbnf") {
    checkGbnf(input.format.grammar)
    return { gbnf: input.format.grammar }
  }
  const builder = createGbnfBuilder()
  const answer = tools === undefined ? formatRule(builder, input) : toolRule(builder, input, tools)
  if (answer === undefined) return null
  const gbnf = builder.build(`${reasoningRule(builder, input)}${answer}`)
  checkGbnf(gbnf, GENERATED_GBNF_LIMITS)
  return { gbnf }
}

/** Undefined when no call is demanded. */
function demandedTools({ tools = [], toolChoice }: ConstraintInput): readonly ToolDefinition[] | undefined {
  if (toolChoice === undefined || toolChoice === "auto" || toolChoice === "none") return undefined
  const chosen = toolChoice === "required" ? tools : tools.filter((tool) => tool.name === toolChoice.name)
  if (chosen.length > 0) return chosen
  throw new AppError("bad-request", {
    message:
      toolChoice === "required"
        ? "A tool call is required, but the request has no tools."
        : `The tool \`${toolChoice.name}\` must be called, but the request has no tool of that name.`,
  })
}

const toolRule = (builder: GbnfBuilder, input: ConstraintInput, tools: readonly ToolDefinition[]): string =>
  toolCallRules(builder, {
    tools,
    format: callFormatOf(input.template),
    parallel: input.parallelToolCalls === true,
  })

function formatRule(builder: GbnfBuilder, input: ConstraintInput): string | undefined {
  const { format } = input
  if (format === undefined || format.type === "text" || format.type === "gbnf") return undefined
  const rule = format.type === "json" ? builder.primitive("object") : addSchema(builder, format.schema)
  const channels = callFormatOf(input.template).type === "channels"
  return channels ? `${literal("<|channel|>final<|message|>")} ${rule}` : rule
}

/** What may stand before the answer: free text to the end of the reasoning. Ends with a space, or is empty. */
function reasoningRule(builder: GbnfBuilder, input: ConstraintInput): string {
  if (callFormatOf(input.template).type === "channels") {
    const end = untilMark(builder, "<|end|>")
    return `(${literal("<|channel|>analysis<|message|>")} ${end} ${literal("<|start|>assistant")})? `
  }
  const marks = reasoningMarksOf(input.template)
  const start = reasoningStart(marks, input.promptTail)
  if (marks === undefined || start === "no") return ""
  const rest = `${untilMark(builder, marks.close)} "\\n"{0,2}`
  return start === "open" ? `${rest} ` : `(${literal(marks.open)} ${rest})? `
}
