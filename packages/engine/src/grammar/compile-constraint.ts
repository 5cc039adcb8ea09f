// What a request demands of the output → one GBNF grammar, or null when nothing is demanded.
import type { ResponseFormat, ToolChoice, ToolDefinition } from "@fireside/protocol"
import { schemaToGbnf } from "./schema-to-gbnf.ts"

export interface ConstraintInput {
  readonly format?: ResponseFormat
  readonly tools?: readonly ToolDefinition[]
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: boolean
  readonly template: string
  readonly promptTail: string
}

/** Throws `bad-grammar` for what cannot be enforced as given. */
export function compileConstraint(input: ConstraintInput): { readonly gbnf: string } | null {
  if (input.format === undefined || input.format.type === "text") return null
  if (input.format.type === "gbnf") return { gbnf: input.format.grammar }
  return { gbnf: schemaToGbnf(input.format.type === "json" ? { type: "object" } : input.format.schema) }
}
