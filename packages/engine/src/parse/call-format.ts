// How a model writes tool calls and reasoning, judged by its chat template. Used by the parser and by tool grammars.
import { familyOf } from "../template/family.ts"

/** Calls are JSON objects: `{"name": …, "arguments": {…}}`, each between marks or all in one list. */
export interface JsonCalls {
  readonly type: "json"
  /** Empty: the object stands alone. */
  readonly open: string
  readonly close: string
  readonly list: boolean
  readonly nameKey: string
  readonly argumentsKey: string
}

/** Calls have the name outside the JSON: `open name separator {…} close`. */
export interface HeaderCalls {
  readonly type: "header"
  readonly begin: string
  readonly open: string
  /** Between `open` and the name. */
  readonly prefix: string
  readonly separator: string
  /** Between the separator and the JSON, when the model wraps it. */
  readonly wrap: readonly [string, string]
  readonly close: string
  readonly end: string
}

/** Everything is in channels: `<|channel|>commentary to=functions.name <|constrain|>json<|message|>{…}<|call|>`. */
export interface ChannelCalls {
  readonly type: "channels"
}

export type CallFormat = JsonCalls | HeaderCalls | ChannelCalls

const json = (open: string, close: string, list: boolean, names?: readonly [string, string]): JsonCalls => ({
  type: "json",
  open,
  close,
  list,
  nameKey: names?.[0] ?? "name",
  argumentsKey: names?.[1] ?? "arguments",
})

export const HERMES_CALLS = json("<tool_call>", "</tool_call>", false)
const LLAMA3_CALLS = json("", "", false, ["name", "parameters"])

const deepSeek = (prefix: string, wrap: readonly [string, string]): HeaderCalls => ({
  type: "header",
  begin: "<｜tool▁calls▁begin｜>",
  open: "<｜tool▁call▁begin｜>",
  prefix,
  separator: wrap[0] === "" ? "<｜tool▁sep｜>" : "",
  wrap,
  close: "<｜tool▁call▁end｜>",
  end: "<｜tool▁calls▁end｜>",
})

/** In the order of how telling the signs are. A template that shows no tools gets them in the Hermes form, as text. */
export function callFormatOf(template: string): CallFormat {
  const has = (sign: string): boolean => template.includes(sign)
  const family = familyOf(template)
  if (family === "gpt-oss") return { type: "channels" }
  if (!/\btools\b/.test(template)) return HERMES_CALLS
  if (has("[TOOL_CALLS]") && has("[ARGS]"))
    return {
      type: "header",
      begin: "",
      open: "[TOOL_CALLS]",
      prefix: "",
      separator: "[ARGS]",
      wrap: ["", ""],
      close: "",
      end: "",
    }
  if (has("[TOOL_CALLS]")) return json("[TOOL_CALLS]", "", true)
  if (has("<｜tool▁call▁begin｜>"))
    return has("```json")
      ? deepSeek("function<｜tool▁sep｜>", ["\n```json\n", "\n```"])
      : deepSeek("", ["", ""])
  if (has("<|tool_calls_section_begin|>"))
    return {
      type: "header",
      begin: "<|tool_calls_section_begin|>",
      open: "<|tool_call_begin|>",
      prefix: "functions.",
      separator: "<|tool_call_argument_begin|>",
      wrap: ["", ""],
      close: "<|tool_call_end|>",
      end: "<|tool_calls_section_end|>",
    }
  if (has("<|START_ACTION|>"))
    return json("<|START_ACTION|>", "<|END_ACTION|>", true, ["tool_name", "parameters"])
  if (has("<|tool_call|>")) return json("<|tool_call|>", has("<|/tool_call|>") ? "<|/tool_call|>" : "", true)
  if (has("<tool_call>")) return HERMES_CALLS
  if (family === "llama3" && has('"parameters"')) return LLAMA3_CALLS
  return HERMES_CALLS
}

export interface ReasoningMarks {
  readonly open: string
  readonly close: string
}

const REASONING_MARKS: readonly ReasoningMarks[] = [
  { open: "<think>", close: "</think>" },
  { open: "<seed:think>", close: "</seed:think>" },
  { open: "[THINK]", close: "[/THINK]" },
  { open: "<|START_THINKING|>", close: "<|END_THINKING|>" },
]

/** Undefined when the template knows nothing of reasoning. */
export const reasoningMarksOf = (template: string): ReasoningMarks | undefined =>
  REASONING_MARKS.find((marks) => template.includes(marks.close) || template.includes(marks.open))

export type ReasoningStart = "open" | "possible" | "no"

/** Whether the prompt has opened the reasoning, closed it, or left it to the model. */
export function reasoningStart(marks: ReasoningMarks | undefined, promptTail: string): ReasoningStart {
  if (marks === undefined) return "no"
  const tail = promptTail.trimEnd()
  if (tail.endsWith(marks.open)) return "open"
  return tail.endsWith(marks.close) ? "no" : "possible"
}
