// What a stored model can do, and the template that its chats are written with.
import type { StoredModel } from "@fireside/library"
import type { Capability } from "@fireside/protocol"

/** Read off the file: the pooling type makes an embedder, the template's words tools and thinking, its tokens fill-in-the-middle. */
export function capabilitiesOf(stored: StoredModel): readonly Capability[] {
  const { metadata } = stored.header
  const template = templateOf(stored)
  const embedder = metadata.has(`${stored.summary.architecture}.pooling_type`)
  const infill = ["fim_pre_token_id", "prefix_token_id"].some((key) => metadata.has(`tokenizer.ggml.${key}`))
  return [
    ...(embedder ? (["embedding"] as const) : (["completion"] as const)),
    ...(/\btools\b/.test(template) ? (["tools"] as const) : []),
    ...(infill ? (["insert"] as const) : []),
    ...(/<think>|enable_thinking|reasoning_content/.test(template) ? (["thinking"] as const) : []),
  ]
}

/** Empty when it has none. */
export function templateOf({ template, header }: StoredModel): string {
  if (template !== undefined) return template
  const entry = header.metadata.get("tokenizer.chat_template")
  return entry?.type === "string" ? String(entry.value) : ""
}
