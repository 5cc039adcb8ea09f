// Which family of formats a chat template belongs to, judged by the control tokens it writes.

export type Family =
  | "chatml"
  | "llama3"
  | "gemma"
  | "mistral"
  | "qwen"
  | "deepseek"
  | "phi"
  | "granite"
  | "command-r"
  | "gpt-oss"
  | "other"

/** First match wins: the more telling marks come first. */
const SIGNS: readonly (readonly [Family, (template: string) => boolean])[] = [
  ["gpt-oss", (t) => t.includes("<|channel|>") && t.includes("<|message|>")],
  ["llama3", (t) => t.includes("<|start_header_id|>")],
  ["gemma", (t) => t.includes("<start_of_turn>") || t.includes("<|turn>")],
  ["deepseek", (t) => t.includes("<｜User｜>") || t.includes("<｜tool▁calls▁begin｜>")],
  ["command-r", (t) => t.includes("<|START_OF_TURN_TOKEN|>")],
  ["granite", (t) => t.includes("<|start_of_role|>")],
  ["mistral", (t) => t.includes("[INST]")],
  ["qwen", (t) => t.includes("<|im_start|>") && t.includes("<tool_call>")],
  ["chatml", (t) => t.includes("<|im_start|>")],
  ["phi", (t) => t.includes("<|user|>") && t.includes("<|end|>")],
]

export const familyOf = (template: string): Family =>
  SIGNS.find(([, matches]) => matches(template))?.[0] ?? "other"
