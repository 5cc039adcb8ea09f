// Messages and tools → the values that a template reads, in the shape that this template can take.
import type { Message, ToolDefinition } from "@fireside/protocol"
import { concatTexts, dict, list, toValue, userText, type Value } from "./jinja/values.ts"

/** How the conversation departs from what transformers would hand to the template. All false: not at all. */
export interface Shape {
  /** `content` is a list of `{type: "text", text}`. */
  readonly parts: boolean
  /** Without tools, an empty list and not none. */
  readonly emptyTools: boolean
  /** Arguments of a call are JSON text in place of an object. */
  readonly argumentsAsText: boolean
  /** One call a message: parallel calls follow each other, each with its result. */
  readonly splitCalls: boolean
  /** Calls are written into the text of their message; tools and results stay as they are. */
  readonly callsAsText: boolean
  /** System text goes into the user's messages. */
  readonly mergeSystem: boolean
  /** Neighbours of one role become one message. */
  readonly mergeRuns: boolean
  /** Tools, calls and results are written out in the Hermes form, as text. */
  readonly toolsAsText: boolean
}

/** Marks of the rendered text name the piece that wrote them: three numbers a message, one for the tools. */
export const TOOLS_SOURCE = -1
export const contentSource = (index: number): number => index * 3
export const callsSource = (index: number): number => index * 3 + 1
const reasoningSource = (index: number): number => index * 3 + 2
/** Index of the message that a source is of; not for `TOOLS_SOURCE`. */
export const messageOf = (source: number): number => Math.floor(source / 3)

/** A message with the place it had in the request; a message that was merged has several. */
export interface PlacedMessage {
  readonly message: Message
  readonly index: number
}

export interface ConversationInput {
  readonly messages: readonly PlacedMessage[]
  readonly tools: readonly ToolDefinition[]
  readonly template: string
}

export function conversationValues(
  input: ConversationInput,
  shape: Shape,
): { messages: Value; tools: Value } {
  const plain: Entry[] = input.messages.map(({ message, index }) => ({ ...message, index }))
  let entries = shape.splitCalls ? splitCalls(plain) : plain
  if (shape.callsAsText || shape.toolsAsText) entries = entries.map(withCallText)
  if (shape.toolsAsText) entries = withToolText(entries, input.tools)
  let pieces = entries.map(toPieces)
  if (shape.mergeSystem) pieces = mergeSystem(pieces)
  if (shape.mergeRuns || shape.toolsAsText) pieces = mergeRuns(pieces)
  return {
    messages: list(pieces.map((piece) => messageValue(piece, input.template, shape))),
    tools: toolsValue(shape.toolsAsText ? [] : input.tools, shape),
  }
}

function toolsValue(tools: readonly ToolDefinition[], shape: Shape): Value {
  if (tools.length === 0) return shape.emptyTools ? list([]) : null
  return list(tools.map(toolValue))
}

type Entry = Message & { readonly index: number }
type AssistantEntry = Extract<Entry, { role: "assistant" }>
type ToolEntry = Extract<Entry, { role: "tool" }>

/** A message whose content is texts of several sources, joined by blank lines. */
interface Piece {
  readonly role: Message["role"]
  readonly texts: readonly { readonly text: string; readonly source: number }[]
  readonly entry: Entry
}

const toPieces = (entry: Entry): Piece => ({
  role: entry.role,
  texts: [{ text: entry.content, source: entry.index < 0 ? TOOLS_SOURCE : contentSource(entry.index) }],
  entry,
})

function toolValue(tool: ToolDefinition): Value {
  const fields = new Map<string, Value>([
    ["name", userText(tool.name, TOOLS_SOURCE)],
    ["description", userText(tool.description ?? "", TOOLS_SOURCE)],
    ["parameters", toValue(tool.parameters, TOOLS_SOURCE)],
  ])
  return dict(
    new Map<string, Value>([
      ["type", "function"],
      ["function", dict(fields)],
    ]),
  )
}

function messageValue(piece: Piece, template: string, shape: Shape): Value {
  const fields = new Map<string, Value>([
    ["role", piece.role],
    ["content", contentValue(piece, shape)],
  ])
  const { entry } = piece
  if (entry.role === "assistant" && piece.role === "assistant") {
    if (entry.reasoning !== undefined && entry.reasoning !== "")
      fields.set(reasoningKey(template), userText(entry.reasoning, reasoningSource(entry.index)))
    if (entry.toolCalls !== undefined && entry.toolCalls.length > 0)
      fields.set(
        "tool_calls",
        list(entry.toolCalls.map((call) => callValue(call, entry.index, template, shape))),
      )
  }
  if (entry.role === "tool" && piece.role === "tool") {
    const source = contentSource(entry.index)
    if (entry.callId !== undefined)
      fields.set("tool_call_id", userText(callIdFor(entry.callId, template), source))
    if (entry.name !== undefined) fields.set("name", userText(entry.name, source))
  }
  return dict(fields)
}

function contentValue(piece: Piece, shape: Shape): Value {
  const texts = piece.texts.map(({ text, source }, i) => userText(i === 0 ? text : `\n\n${text}`, source))
  if (shape.parts)
    return list(
      texts.map((text) =>
        dict(
          new Map<string, Value>([
            ["type", "text"],
            ["text", text],
          ]),
        ),
      ),
    )
  return concatTexts(texts)
}

/** Most templates read `reasoning_content`; a few older ones only `thinking`. */
const reasoningKey = (template: string): string =>
  !template.includes("reasoning_content") && /\bmessage\.thinking\b|\[['"]thinking['"]\]/.test(template)
    ? "thinking"
    : "reasoning_content"

type Call = NonNullable<AssistantEntry["toolCalls"]>[number]

function callValue(call: Call, index: number, template: string, shape: Shape): Value {
  const source = callsSource(index)
  const parsed = shape.argumentsAsText ? undefined : parseObject(call.arguments)
  const fields = new Map<string, Value>([
    ["name", userText(call.name, source)],
    ["arguments", parsed === undefined ? userText(call.arguments, source) : toValue(parsed, source)],
  ])
  return dict(
    new Map<string, Value>([
      ["id", userText(callIdFor(call.callId, template), source)],
      ["type", "function"],
      ["function", dict(fields)],
    ]),
  )
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    // Not JSON: the template gets the text as it is.
    return undefined
  }
}

/** Mistral's templates take only ids of nine letters and digits; others are replaced by a stable one. */
function callIdFor(callId: string, template: string): string {
  if (!/length 9|!= 9/.test(template) || /^[A-Za-z0-9]{9}$/.test(callId)) return callId
  let hash = 7
  for (const char of callId) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 101_559_956_668_416
  return hash.toString(36).padStart(9, "0").slice(-9)
}

function splitCalls(entries: readonly Entry[]): Entry[] {
  const out: Entry[] = []
  for (let i = 0; i < entries.length; i += 1) {
    const entry = entries[i]
    if (entry === undefined) break
    if (entry.role !== "assistant" || (entry.toolCalls?.length ?? 0) < 2) {
      out.push(entry)
      continue
    }
    const results: ToolEntry[] = []
    for (let next = entries[i + 1]; next?.role === "tool"; next = entries[i + 1]) {
      results.push(next)
      i += 1
    }
    for (const [position, call] of (entry.toolCalls ?? []).entries()) {
      out.push({ ...entry, content: position === 0 ? entry.content : "", toolCalls: [call] })
      const found = results.findIndex((result) => result.callId === call.callId)
      const [result] = results.splice(Math.max(0, found), 1)
      if (result !== undefined) out.push(result)
    }
    out.push(...results)
  }
  return out
}

/** A message whose calls are written into its text, in the form of the Hermes models. */
function withCallText(entry: Entry): Entry {
  if (entry.role !== "assistant" || entry.toolCalls === undefined) return entry
  const calls = entry.toolCalls.map(
    (call) =>
      `<tool_call>\n{"name": ${JSON.stringify(call.name)}, "arguments": ${call.arguments}}\n</tool_call>`,
  )
  const { toolCalls: _, ...rest } = entry
  return { ...rest, content: [entry.content, ...calls].filter((part) => part !== "").join("\n") }
}

/** Results and tools in the form of the Hermes models, which small models follow best; after the user's own system text. */
function withToolText(entries: readonly Entry[], tools: readonly ToolDefinition[]): Entry[] {
  const out = entries.map((entry): Entry => {
    if (entry.role === "tool")
      return {
        role: "user",
        content: `<tool_response>\n${entry.content}\n</tool_response>`,
        index: entry.index,
      }
    return entry
  })
  if (tools.length === 0) return out
  const system: Entry = { role: "system", content: toolText(tools), index: -1 }
  return out[0]?.role === "system" ? [out[0], system, ...out.slice(1)] : [system, ...out]
}

function toolText(tools: readonly ToolDefinition[]): string {
  const lines = tools.map((tool) =>
    JSON.stringify({
      type: "function",
      function: { name: tool.name, description: tool.description ?? "", parameters: tool.parameters },
    }),
  )
  return [
    "# Tools",
    "",
    "You may call one or more functions to assist with the user query.",
    "",
    "You are provided with function signatures within <tools></tools> XML tags:",
    "<tools>",
    ...lines,
    "</tools>",
    "",
    "For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:",
    "<tool_call>",
    '{"name": <function-name>, "arguments": <args-json-object>}',
    "</tool_call>",
  ].join("\n")
}

/** Leading system text joins the first user message; later system messages become user messages where they stand. */
function mergeSystem(pieces: readonly Piece[]): Piece[] {
  const firstOther = pieces.findIndex((piece) => piece.role !== "system")
  const leading = pieces.slice(0, firstOther < 0 ? pieces.length : firstOther)
  const rest = pieces
    .slice(leading.length)
    .map((piece): Piece => (piece.role === "system" ? { ...piece, role: "user" } : piece))
  if (leading.length === 0) return rest
  const texts = leading.flatMap((piece) => piece.texts)
  const [next] = rest
  const entry = leading[0]?.entry
  if (next?.role === "user") return [{ ...next, texts: [...texts, ...next.texts] }, ...rest.slice(1)]
  return entry === undefined ? rest : [{ role: "user", texts, entry }, ...rest]
}

function mergeRuns(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = []
  for (const piece of pieces) {
    const last = out.at(-1)
    const mergeable = (piece.role === "user" || piece.role === "system") && last?.role === piece.role
    if (mergeable && last !== undefined)
      out[out.length - 1] = { ...last, texts: [...last.texts, ...piece.texts] }
    else out.push(piece)
  }
  return out
}
