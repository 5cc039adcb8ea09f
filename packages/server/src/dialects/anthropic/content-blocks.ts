// The blocks that a turn is made of, as Anthropic's clients write them. `cache_control`, citations and what else hangs on a block are not looked
// at. A block that cannot be taken is refused by its name.
import { REQUEST_LIMITS, z } from "@fireside/protocol"
import { byType } from "../by-type.ts"

const TextBlock = z.object({ type: z.literal("text"), text: z.string() })

const ImageBlock = z.object({
  type: z.literal("image"),
  source: byType("an image from", [
    z.object({ type: z.literal("base64"), media_type: z.string().max(100), data: z.string() }),
    z.object({ type: z.literal("url"), url: z.string() }),
  ]),
})

const DocumentBlock = z.object({
  type: z.literal("document"),
  title: z.string().nullish(),
  context: z.string().nullish(),
  source: byType("a document from", [
    z.object({ type: z.literal("text"), data: z.string() }),
    z.object({
      type: z.literal("content"),
      content: z.union([z.string(), z.array(byType("a document with", [TextBlock, ImageBlock]))]),
    }),
    z.object({ type: z.literal("base64"), media_type: z.string().max(100) }),
    z.object({ type: z.literal("url") }),
  ]),
})

const SearchResultBlock = z.object({
  type: z.literal("search_result"),
  title: z.string(),
  source: z.string(),
  content: z.array(TextBlock),
})

const RESULT_BLOCKS = [TextBlock, ImageBlock, DocumentBlock, SearchResultBlock] as const

const ToolResultBlock = z.object({
  type: z.literal("tool_result"),
  tool_use_id: z.string().min(1),
  content: z.union([z.string(), z.array(byType("a result with", RESULT_BLOCKS))]).nullish(),
  is_error: z.boolean().nullish(),
})

const ToolUseBlock = z.object({
  type: z.literal("tool_use"),
  id: z.string().min(1),
  name: z.string().min(1),
  input: z.record(z.string(), z.unknown()).nullish(),
})

const ThinkingBlock = z.object({ type: z.literal("thinking"), thinking: z.string() })

/** Thinking that only its own server can read: there is nothing in it for a model here. */
const RedactedThinkingBlock = z.object({ type: z.literal("redacted_thinking") })

const UserBlock = byType("a user's", [...RESULT_BLOCKS, ToolResultBlock])
const AssistantBlock = byType("an assistant's", [
  TextBlock,
  ThinkingBlock,
  RedactedThinkingBlock,
  ToolUseBlock,
])

export type UserBlock = z.output<typeof UserBlock>
export type AssistantBlock = z.output<typeof AssistantBlock>
/** What a tool's result and a user's turn can both hold. */
export type ContentBlock = Exclude<UserBlock, { type: "tool_result" }>
export type DocumentBlock = z.output<typeof DocumentBlock>

export const TextContent = z.union([z.string(), z.array(TextBlock)])

const Turn = z.discriminatedUnion("role", [
  z.object({ role: z.literal("user"), content: z.union([z.string(), z.array(UserBlock)]) }),
  z.object({ role: z.literal("assistant"), content: z.union([z.string(), z.array(AssistantBlock)]) }),
  z.object({ role: z.literal("system"), content: TextContent }),
])
export type Turn = z.output<typeof Turn>

export const Turns = z.array(Turn).min(1).max(REQUEST_LIMITS.messages)
