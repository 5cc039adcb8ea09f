// One conversation of Claude's export: a list of messages, in newer files with the message each one follows.
import { type Message, z } from "@fireside/protocol"
import { arrangeTree, type TreeNode } from "./arrange-tree.ts"
import {
  FOREIGN_DEFAULTS,
  foreignMessage,
  type ImportedConversation,
  toMoment,
} from "./imported-conversation.ts"

const text = z.string().nullish().catch(null)

const ClaudeMessage = z.object({
  uuid: z.string(),
  parent_message_uuid: text,
  sender: z.string(),
  text,
  content: z.array(z.object({ type: text, text, thinking: text })).catch([]),
  created_at: z.unknown().optional(),
  /** Files whose text was read, and files that were not. */
  attachments: z.array(z.object({ file_name: text, extracted_content: text })).catch([]),
  files: z.array(z.object({ file_name: text })).catch([]),
})
type ClaudeMessage = z.infer<typeof ClaudeMessage>

const Conversation = z.object({
  chat_messages: z.array(ClaudeMessage),
  uuid: text,
  name: text,
  created_at: z.unknown().optional(),
  updated_at: z.unknown().optional(),
  current_leaf_message_uuid: text,
})

export const isClaude = (value: object): boolean =>
  "chat_messages" in value && Array.isArray(value.chat_messages)

/** Undefined when it is not what `isClaude` promised. */
export function readClaude(value: unknown): ImportedConversation | undefined {
  const parsed = Conversation.safeParse(value)
  if (!parsed.success) return undefined
  const { chat_messages: messages, uuid, name, created_at: createdAt, updated_at: updatedAt } = parsed.data
  // Older files say nothing of what follows what: there it is the one before.
  const isTree = messages.some((it) => typeof it.parent_message_uuid === "string")
  const nodes = messages.map((it, at) =>
    toNode(it, isTree ? (it.parent_message_uuid ?? null) : (messages[at - 1]?.uuid ?? null)),
  )
  return {
    ...FOREIGN_DEFAULTS,
    source: "claude",
    id: uuid ?? undefined,
    title: name ?? "",
    system: "",
    pinned: false,
    tags: [],
    createdAt: toMoment(createdAt),
    updatedAt: toMoment(updatedAt),
    messages: arrangeTree(nodes, parsed.data.current_leaf_message_uuid ?? messages.at(-1)?.uuid),
  }
}

function toNode(claude: ClaudeMessage, parentId: string | null): TreeNode {
  const { uuid: id, sender } = claude
  const message = toMessage(claude)
  if (message === undefined || (sender !== "human" && sender !== "assistant"))
    return { id, parentId, message: undefined }
  return { id, parentId, message: foreignMessage({ id, message, createdAt: toMoment(claude.created_at) }) }
}

function toMessage(claude: ClaudeMessage): Message | undefined {
  const blocks = claude.content.flatMap((it) => (it.type === "text" && it.text ? [it.text] : []))
  const said = blocks.length > 0 ? blocks.join("\n\n") : (claude.text ?? "")
  const content = [said, ...attached(claude)].filter((it) => it !== "").join("\n\n")
  if (content === "") return undefined
  if (claude.sender === "human") return { role: "user", content }
  const reasoning = claude.content.flatMap((it) => (it.thinking ? [it.thinking] : [])).join("\n\n")
  return { role: "assistant", content, ...(reasoning === "" ? {} : { reasoning }) }
}

function attached({ attachments, files }: ClaudeMessage): readonly string[] {
  const read = attachments.map((it) => `[${it.file_name ?? "file"}]\n${it.extracted_content ?? ""}`.trim())
  const named = new Set(attachments.map((it) => it.file_name))
  return [
    ...read,
    ...files.filter((it) => !named.has(it.file_name)).map((it) => `[${it.file_name ?? "file"}]`),
  ]
}
