// One conversation of ChatGPT's `conversations.json`: a tree of nodes in `mapping`, of which some are the program's own and not the user's.
import { z } from "@fireside/protocol"
import { arrangeTree, type TreeNode } from "./arrange-tree.ts"
import {
  FOREIGN_DEFAULTS,
  foreignMessage,
  type ImportedConversation,
  toMoment,
} from "./imported-conversation.ts"

const text = z.string().nullish().catch(null)

const Content = z.object({
  content_type: z.string().catch("text"),
  /** Texts; for pictures and sounds objects. */
  parts: z.array(z.unknown()).catch([]),
  /** Of `thoughts`. */
  thoughts: z.array(z.object({ content: text, summary: text })).catch([]),
})

const Message = z.object({
  author: z.object({ role: z.string() }),
  create_time: z.unknown().optional(),
  content: Content,
  status: text,
  /** To whom: `all` is the user, anything else a tool. */
  recipient: text,
  metadata: z
    .object({ model_slug: text, is_visually_hidden_from_conversation: z.boolean().nullish().catch(null) })
    .nullish()
    .catch(null),
})

const Conversation = z.object({
  mapping: z.record(z.string(), z.object({ parent: text, message: Message.nullish().catch(null) })),
  id: text,
  conversation_id: text,
  title: text,
  create_time: z.unknown().optional(),
  update_time: z.unknown().optional(),
  current_node: text,
})

export const isChatGpt = (value: object): boolean =>
  "mapping" in value && typeof value.mapping === "object" && value.mapping !== null

/** Undefined when it is not what `isChatGpt` promised. */
export function readChatGpt(value: unknown): ImportedConversation | undefined {
  const parsed = Conversation.safeParse(value)
  if (!parsed.success) return undefined
  const {
    mapping,
    title,
    create_time: createTime,
    update_time: updateTime,
    current_node: current,
  } = parsed.data
  const nodes = Object.entries(mapping).map(([id, { parent, message }]) =>
    toNode(id, parent ?? null, message ?? undefined),
  )
  return {
    ...FOREIGN_DEFAULTS,
    source: "chatgpt",
    id: parsed.data.conversation_id ?? parsed.data.id ?? undefined,
    title: title ?? "",
    system: "",
    pinned: false,
    tags: [],
    createdAt: toMoment(createTime),
    updatedAt: toMoment(updateTime),
    messages: arrangeTree(nodes, current ?? undefined),
  }
}

function toNode(id: string, parentId: string | null, message: z.infer<typeof Message> | undefined): TreeNode {
  const nothing: TreeNode = { id, parentId, message: undefined }
  if (message === undefined || message.metadata?.is_visually_hidden_from_conversation === true) return nothing
  const { author, content, recipient, status, metadata } = message
  if (content.content_type === "thoughts") return { ...nothing, reasoning: thoughtsOf(content) }
  if (recipient !== "all" && recipient !== null && recipient !== undefined) return nothing
  if (content.content_type !== "text" && content.content_type !== "multimodal_text") return nothing
  const said = textOf(content)
  if (said === "" || (author.role !== "user" && author.role !== "assistant")) return nothing
  return {
    id,
    parentId,
    message: foreignMessage({
      id,
      message: { role: author.role, content: said },
      createdAt: toMoment(message.create_time),
      state: status === "in_progress" ? "partial" : "complete",
      model: author.role === "assistant" ? (metadata?.model_slug ?? null) : null,
    }),
  }
}

function textOf({ parts }: z.infer<typeof Content>): string {
  return (
    parts
      .map(partOf)
      .join("\n")
      // Its citations stand between two characters of private use; without its page they are noise.
      .replaceAll(/\uE200[^\uE200\uE201]*\uE201/g, "")
      .trim()
  )
}

function partOf(part: unknown): string {
  if (typeof part === "string") return part
  if (typeof part !== "object" || part === null) return ""
  // What was spoken comes with its text.
  if ("text" in part && typeof part.text === "string") return part.text
  const type = "content_type" in part ? String(part.content_type) : ""
  return type.startsWith("image") ? "[image]" : ""
}

const thoughtsOf = ({ thoughts }: z.infer<typeof Content>): string =>
  thoughts
    .map(({ content, summary }) => content ?? summary ?? "")
    .filter((it) => it !== "")
    .join("\n\n")
