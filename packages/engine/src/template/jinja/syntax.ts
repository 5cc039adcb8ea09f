// The syntax tree that @huggingface/jinja's parser gives (its types are not exported), and the bounded way to one.

import { TEMPLATE_LIMITS } from "@fireside/protocol"
import { parse, tokenize } from "@huggingface/jinja"
import { failed, TemplateFailure } from "./budget.ts"

export interface IdentifierNode {
  readonly type: "Identifier"
  readonly value: string
}

export interface KeywordArgumentNode {
  readonly type: "KeywordArgumentExpression"
  readonly key: IdentifierNode
  readonly value: Node
}

export interface CallNode {
  readonly type: "CallExpression"
  readonly callee: Node
  readonly args: readonly Node[]
}

export interface SliceNode {
  readonly type: "SliceExpression"
  readonly start?: Node
  readonly stop?: Node
  readonly step?: Node
}

export interface IfNode {
  readonly type: "If"
  readonly test: Node
  readonly body: readonly Node[]
  readonly alternate: readonly Node[]
}

export interface ForNode {
  readonly type: "For"
  readonly loopvar: Node
  readonly iterable: Node
  readonly body: readonly Node[]
  readonly defaultBlock: readonly Node[]
}

export interface SetNode {
  readonly type: "Set"
  readonly assignee: Node
  readonly value: Node | null
  readonly body: readonly Node[]
}

export interface MacroNode {
  readonly type: "Macro"
  readonly name: IdentifierNode
  readonly args: readonly Node[]
  readonly body: readonly Node[]
}

export interface CallBlockNode {
  readonly type: "CallStatement"
  readonly call: CallNode
  readonly callerArgs: readonly Node[] | null
  readonly body: readonly Node[]
}

export interface MemberNode {
  readonly type: "MemberExpression"
  readonly object: Node
  readonly property: Node
  readonly computed: boolean
}

export type Node =
  | IdentifierNode
  | KeywordArgumentNode
  | CallNode
  | SliceNode
  | IfNode
  | ForNode
  | SetNode
  | MacroNode
  | CallBlockNode
  | MemberNode
  | { readonly type: "Break" | "Continue" }
  | { readonly type: "Comment"; readonly value: string }
  | { readonly type: "IntegerLiteral" | "FloatLiteral"; readonly value: number }
  | { readonly type: "StringLiteral"; readonly value: string }
  | { readonly type: "ArrayLiteral" | "TupleLiteral"; readonly value: readonly Node[] }
  | { readonly type: "ObjectLiteral"; readonly value: ReadonlyMap<Node, Node> }
  | {
      readonly type: "BinaryExpression"
      readonly operator: { readonly value: string }
      readonly left: Node
      readonly right: Node
    }
  | { readonly type: "FilterExpression"; readonly operand: Node; readonly filter: IdentifierNode | CallNode }
  | {
      readonly type: "FilterStatement"
      readonly filter: IdentifierNode | CallNode
      readonly body: readonly Node[]
    }
  | { readonly type: "SelectExpression"; readonly lhs: Node; readonly test: Node }
  | {
      readonly type: "TestExpression"
      readonly operand: Node
      readonly negate: boolean
      readonly test: IdentifierNode
    }
  | {
      readonly type: "UnaryExpression"
      readonly operator: { readonly value: string }
      readonly argument: Node
    }
  | { readonly type: "SpreadExpression" | "KeywordSpreadExpression"; readonly argument: Node }
  | { readonly type: "Ternary"; readonly condition: Node; readonly trueExpr: Node; readonly falseExpr: Node }

export interface Program {
  readonly body: readonly Node[]
}

/** The library's patterns look back over white space, in time that grows with its square: runs are bounded. */
const WHITE_SPACE_RUN = 256

/** Throws a `TemplateFailure` for what is over a limit or is no template. */
export function parseTemplate(source: string): Program {
  if (Buffer.byteLength(source) > TEMPLATE_LIMITS.sourceBytes)
    throw new TemplateFailure("limit", `it is larger than ${TEMPLATE_LIMITS.sourceBytes} bytes`)
  if (new RegExp(`\\s{${WHITE_SPACE_RUN + 1}}`).test(source))
    throw new TemplateFailure("limit", `it has more than ${WHITE_SPACE_RUN} spaces in a row`)
  try {
    const tokens = tokenize(source, { lstrip_blocks: true, trim_blocks: true })
    checkNesting(tokens)
    // The parser builds exactly the node classes described above.
    return parse(tokens) as unknown as Program
  } catch (cause) {
    if (cause instanceof TemplateFailure) throw cause
    if (cause instanceof RangeError)
      throw new TemplateFailure("limit", `it nests more than ${TEMPLATE_LIMITS.nesting} levels deep`)
    throw failed(`it is not a valid template: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

const OPENING = new Set(["OpenParen", "OpenSquareBracket", "OpenCurlyBracket"])
const CLOSING = new Set(["CloseParen", "CloseSquareBracket", "CloseCurlyBracket"])
const BLOCKS = new Set(["if", "for", "macro", "call", "filter"])

/** Brackets, blocks and chains of prefix operators: everything for which the parser calls itself. */
function checkNesting(tokens: readonly { readonly type: string; readonly value: string }[]): void {
  let depth = 0
  let prefixes = 0
  for (const [index, token] of tokens.entries()) {
    if (OPENING.has(token.type)) depth += 1
    if (CLOSING.has(token.type)) depth -= 1
    const statement = tokens[index - 1]?.type === "OpenStatement" ? token.value : ""
    if (BLOCKS.has(statement)) depth += 1
    if (statement.startsWith("end") && BLOCKS.has(statement.slice(3))) depth -= 1
    const prefix =
      token.type === "UnaryOperator" ||
      token.type === "AdditiveBinaryOperator" ||
      (token.type === "Identifier" && (token.value === "not" || token.value === "else"))
    prefixes = prefix
      ? prefixes + 1
      : token.type === "CloseStatement" || token.type === "CloseExpression"
        ? 0
        : prefixes
    if (depth + prefixes > TEMPLATE_LIMITS.nesting)
      throw new TemplateFailure("limit", `it nests more than ${TEMPLATE_LIMITS.nesting} levels deep`)
  }
}
