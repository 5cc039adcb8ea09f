// Messages → the text that the model reads, through the model's own template. Not tokens: the child makes those.
import {
  AppError,
  type Message,
  TEMPLATE_LIMITS,
  type TokenKind,
  type ToolDefinition,
} from "@fireside/protocol"
import {
  type ConversationInput,
  callsSource,
  contentSource,
  conversationValues,
  messageOf,
  type PlacedMessage,
  type Shape,
  TOOLS_SOURCE,
} from "./conversation-values.ts"
import { type Budget, createBudget, TemplateFailure } from "./jinja/budget.ts"
import { createGlobals } from "./jinja/globals.ts"
import { runTemplate } from "./jinja/interpreter.ts"
import { type Program, parseTemplate } from "./jinja/syntax.ts"
import { concatTexts, marksOf, sliceText, type Text, userText, type Value } from "./jinja/values.ts"
import { splitSegments } from "./split-segments.ts"

/**
 * A piece of the prompt. The child joins neighbours of equal `special` before it tokenises them: `special: true` with
 * control tokens recognised, `special: false` without. `kind` says who wrote the piece, for display.
 */
export interface PromptSegment {
  readonly text: string
  readonly special: boolean
  readonly kind: TokenKind
}

export interface RenderChatInput {
  readonly template: string
  /** Empty when the vocabulary has none. */
  readonly bosToken: string
  readonly eosToken: string
  readonly messages: readonly Message[]
  readonly tools?: readonly ToolDefinition[]
  readonly think?: boolean
  readonly continueLast?: boolean
  /** Text of every control token of the vocabulary. */
  readonly specialTokens: readonly string[]
  /** Defaults to the present. */
  readonly now?: Date
  /** Told what was changed so that the template could take the messages. */
  readonly onNotice?: (message: string) => void
  /** Milliseconds that only grow. Defaults to `performance.now`. */
  readonly clock?: () => number
}

/**
 * Renders the conversation as transformers would. A template that refuses or leaves out a part of it is tried again with
 * the conversation in other shapes (see `SHAPES`); what was changed is told to `onNotice`.
 * The joined text of the segments is the rendering; a `bos` that the template writes stays in it.
 * Throws `bad-template` when every shape fails or a limit of `TEMPLATE_LIMITS` is met.
 */
export function renderChat(input: RenderChatInput): readonly PromptSegment[] {
  const text = renderText(input)
  return splitSegments(text, input.specialTokens, (source) => kindOf(source, input.messages))
}

/** What the tools say is written by whoever gave them, as their results are. */
function kindOf(source: number, messages: readonly Message[]): TokenKind {
  return source === TOOLS_SOURCE ? "tool" : (messages[messageOf(source)]?.role ?? "template")
}

const AS_GIVEN: Shape = {
  parts: false,
  emptyTools: false,
  argumentsAsText: false,
  splitCalls: false,
  callsAsText: false,
  mergeSystem: false,
  mergeRuns: false,
  toolsAsText: false,
}

interface Attempt {
  readonly shape: Shape
  readonly notice: string
}

const SYSTEM_MERGED =
  "The model's template has no place for a system message: it was put into the first user message."
const RUNS_MERGED =
  "The model's template wants user and assistant to take turns: neighbouring messages were joined."
const CALLS_WRITTEN = "The model's template shows no tool calls: earlier calls were written into the text."
const TOOLS_WRITTEN = "The model's template has no tools: they were written into the system message."

/** In the order they are tried: the least departure first. */
function attemptsFor(input: RenderChatInput): Attempt[] {
  const calls = input.messages.some(
    (message) => message.role === "assistant" && message.toolCalls !== undefined,
  )
  const system = input.messages.some((message) => message.role === "system")
  const tools =
    (input.tools?.length ?? 0) > 0 || calls || input.messages.some((message) => message.role === "tool")
  const attempts: Attempt[] = [{ shape: AS_GIVEN, notice: "" }]
  const add = (change: Partial<Shape>, ...notices: string[]): void => {
    const shape = { ...AS_GIVEN, ...change }
    attempts.push({ shape, notice: notices.join(" ") })
  }
  if (calls) {
    add({ argumentsAsText: true })
    add({ splitCalls: true })
    add({ splitCalls: true, argumentsAsText: true })
    add({ callsAsText: true }, CALLS_WRITTEN)
  }
  if (!tools) add({ emptyTools: true })
  add({ parts: true })
  if (system) add({ mergeSystem: true }, SYSTEM_MERGED)
  if (system) add({ mergeSystem: true, parts: true }, SYSTEM_MERGED)
  add({ mergeRuns: true }, RUNS_MERGED)
  if (system) add({ mergeSystem: true, mergeRuns: true }, SYSTEM_MERGED, RUNS_MERGED)
  if (tools) {
    add({ toolsAsText: true }, TOOLS_WRITTEN)
    add({ toolsAsText: true, emptyTools: true }, TOOLS_WRITTEN)
    add({ toolsAsText: true, parts: true }, TOOLS_WRITTEN)
    add({ toolsAsText: true, mergeSystem: true }, TOOLS_WRITTEN, SYSTEM_MERGED)
    add({ toolsAsText: true, mergeSystem: true, mergeRuns: true }, TOOLS_WRITTEN, SYSTEM_MERGED, RUNS_MERGED)
    add({ toolsAsText: true, mergeSystem: true, mergeRuns: true, parts: true }, TOOLS_WRITTEN, SYSTEM_MERGED)
  }
  return attempts
}

function renderText(input: RenderChatInput): Text {
  const placed = input.messages.map((message, index) => ({ message, index }))
  const last = input.messages.at(-1)
  if (input.continueLast !== true) return tryShapes(input, placed, true)
  if (last?.role !== "assistant")
    throw new AppError("bad-request", {
      message: "There is nothing to continue: the last message is not the assistant's.",
    })
  // Nothing is written yet: the same as beginning the message.
  if (last.content.trim() === "") return tryShapes(input, placed.slice(0, -1), true)
  const text = tryShapes(input, placed, false)
  const source = contentSource(placed.length - 1)
  const end = marksOf(text).findLast((mark) => mark.source === source)?.end
  if (end === undefined) throw refused("it leaves out the message that is to be continued")
  const trailing = last.content.slice(last.content.trimEnd().length)
  const cut = sliceText(text, 0, end)
  const whole = trailing === "" || sliceText(cut, end - trailing.length, end) === trailing
  return whole ? cut : concatTexts([cut, userText(trailing, source)])
}

function tryShapes(
  input: RenderChatInput,
  placed: readonly PlacedMessage[],
  generationPrompt: boolean,
): Text {
  const clock = input.clock ?? (() => performance.now())
  const deadline = clock() + TEMPLATE_LIMITS.timeMs
  let firstFailure: TemplateFailure | undefined
  let incomplete: { text: Text; attempt: Attempt } | undefined
  try {
    const program = parseTemplate(input.template)
    for (const attempt of attemptsFor(input)) {
      try {
        const text = renderShape(
          input,
          placed,
          generationPrompt,
          attempt.shape,
          program,
          createBudget(clock, deadline),
        )
        if (isComplete(text, placed, input.tools ?? [])) {
          if (attempt.notice !== "") input.onNotice?.(attempt.notice)
          return text
        }
        incomplete ??= { text, attempt }
      } catch (cause) {
        const failure = asFailure(cause)
        if (failure.kind === "limit") throw failure
        firstFailure ??= failure
      }
    }
  } catch (cause) {
    throw refused(asFailure(cause).message, cause)
  }
  if (incomplete === undefined) throw refused(firstFailure?.message ?? "it gave nothing", firstFailure)
  input.onNotice?.(
    [incomplete.attempt.notice, "The model's template leaves out a part of the conversation."]
      .join(" ")
      .trim(),
  )
  return incomplete.text
}

function asFailure(cause: unknown): TemplateFailure {
  if (cause instanceof TemplateFailure) return cause
  // The stack is the last limit: a template may nest calls deeper than the interpreter's own frames allow.
  if (cause instanceof RangeError) return new TemplateFailure("limit", "it nests too deep")
  throw cause
}

const refused = (reason: string, cause?: unknown): AppError =>
  new AppError("bad-template", {
    message: `The model's chat template failed: ${reason}.`,
    hint: "Give another template, or send the prompt as plain text.",
    ...(cause === undefined ? {} : { cause }),
  })

function renderShape(
  input: RenderChatInput,
  placed: readonly PlacedMessage[],
  generationPrompt: boolean,
  shape: Shape,
  program: Program,
  budget: Budget,
): Text {
  const conversation: ConversationInput = {
    messages: withToolNames(placed),
    tools: input.tools ?? [],
    template: input.template,
  }
  const { messages, tools } = conversationValues(conversation, shape)
  const variables: [string, Value][] = [
    ["messages", messages],
    ["tools", tools],
    ["documents", null],
    ["add_generation_prompt", generationPrompt],
    ["bos_token", input.bosToken],
    ["eos_token", input.eosToken],
  ]
  if (input.think !== undefined) variables.push(["enable_thinking", input.think], ["thinking", input.think])
  const globals = createGlobals(input.now ?? new Date(), budget)
  return runTemplate(program, new Map([...globals, ...variables]), budget)
}

/** A result that does not name its tool gets the name from the call it answers. */
function withToolNames(placed: readonly PlacedMessage[]): readonly PlacedMessage[] {
  const names = new Map<string, string>()
  return placed.map((entry) => {
    const { message } = entry
    if (message.role === "assistant")
      for (const call of message.toolCalls ?? []) names.set(call.callId, call.name)
    if (message.role !== "tool" || message.name !== undefined || message.callId === undefined) return entry
    const name = names.get(message.callId)
    return name === undefined ? entry : { ...entry, message: { ...message, name } }
  })
}

/** Whether every piece that the model must see left a trace. Reasoning, and text beside calls, may be dropped by design. */
function isComplete(text: Text, placed: readonly PlacedMessage[], tools: readonly ToolDefinition[]): boolean {
  const seen = new Set(marksOf(text).map((mark) => mark.source))
  if (tools.length > 0 && !seen.has(TOOLS_SOURCE)) return false
  return placed.every(({ message, index }) => {
    const calls = message.role === "assistant" && (message.toolCalls?.length ?? 0) > 0
    if (calls) return seen.has(callsSource(index)) || seen.has(contentSource(index))
    return message.content.trim() === "" || seen.has(contentSource(index))
  })
}
