// One conversation of Open WebUI's export: a tree in `chat.history.messages`. What its models thought stands inside the text, as markup.
import { CONVERSATION_LIMITS, type Message, z } from "@fireside/protocol"
import { arrangeTree, type TreeNode } from "./arrange-tree.ts"
import {
  FOREIGN_DEFAULTS,
  foreignMessage,
  type ImportedConversation,
  toMoment,
} from "./imported-conversation.ts"

const text = z.string().nullish().catch(null)
const tags = z.array(z.string()).catch([])

const WebUiMessage = z.object({
  parentId: text,
  role: z.string(),
  content: z.string().catch(""),
  timestamp: z.unknown().optional(),
  model: text,
  /** False: the answer was broken off. */
  done: z.boolean().nullish().catch(null),
})

const Chat = z.object({
  history: z.object({ messages: z.record(z.string(), WebUiMessage), currentId: text }),
  title: text,
  system: text,
  params: z.object({ system: text }).nullish().catch(null),
  timestamp: z.unknown().optional(),
  tags,
})

const Entry = z.object({
  id: text,
  title: text,
  pinned: z.boolean().nullish().catch(null),
  created_at: z.unknown().optional(),
  updated_at: z.unknown().optional(),
  meta: z.object({ tags }).nullish().catch(null),
})

export const isOpenWebUi = (value: object): boolean =>
  hasHistory(value) || ("chat" in value && hasHistory(value.chat))

const hasHistory = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  "history" in value &&
  typeof value.history === "object" &&
  value.history !== null &&
  "messages" in value.history

/** Undefined when it is not what `isOpenWebUi` promised. */
export function readOpenWebUi(value: object): ImportedConversation | undefined {
  const entry = Entry.safeParse(value)
  const chat = Chat.safeParse("chat" in value ? value.chat : value)
  if (!entry.success || !chat.success) return undefined
  const { history, params, timestamp } = chat.data
  const nodes = Object.entries(history.messages).map(([id, message]) => toNode(id, message))
  return {
    ...FOREIGN_DEFAULTS,
    source: "open-webui",
    id: entry.data.id ?? undefined,
    title: entry.data.title ?? chat.data.title ?? "",
    system: chat.data.system ?? params?.system ?? "",
    pinned: entry.data.pinned ?? false,
    tags: readTags([...(entry.data.meta?.tags ?? []), ...chat.data.tags]),
    createdAt: toMoment(entry.data.created_at) ?? toMoment(timestamp),
    updatedAt: toMoment(entry.data.updated_at),
    messages: arrangeTree(nodes, history.currentId ?? undefined),
  }
}

function toNode(id: string, webUi: z.infer<typeof WebUiMessage>): TreeNode {
  const parentId = webUi.parentId ?? null
  const message = toMessage(webUi)
  if (message === undefined) return { id, parentId, message: undefined }
  return {
    id,
    parentId,
    message: foreignMessage({
      id,
      message,
      createdAt: toMoment(webUi.timestamp),
      state: message.role === "assistant" && webUi.done === false ? "partial" : "complete",
      model: message.role === "assistant" ? (webUi.model ?? null) : null,
    }),
  }
}

function toMessage({ role, content }: z.infer<typeof WebUiMessage>): Message | undefined {
  if (role === "user") return content === "" ? undefined : { role, content }
  if (role !== "assistant") return undefined
  const { said, reasoning } = splitReasoning(content)
  if (said === "" && reasoning === "") return undefined
  return { role, content: said, ...(reasoning === "" ? {} : { reasoning }) }
}

const OPEN = '<details type="reasoning"'
const CLOSE = "</details>"

/** By searching forward, never back: a text of a thousand openings costs its length. */
function splitReasoning(content: string): { readonly said: string; readonly reasoning: string } {
  const said: string[] = []
  const reasoning: string[] = []
  let at = 0
  for (;;) {
    const open = content.indexOf(OPEN, at)
    const close = open < 0 ? -1 : content.indexOf(CLOSE, open)
    if (close < 0) break
    said.push(content.slice(at, open))
    reasoning.push(plainReasoning(content.slice(open, close)))
    at = close + CLOSE.length
  }
  said.push(content.slice(at))
  return { said: said.join("").trim(), reasoning: reasoning.join("\n\n").trim() }
}

/** Behind the opening tag and its summary; each line is quoted, and its marks are written as entities. */
function plainReasoning(element: string): string {
  const summary = element.indexOf("</summary>")
  const inner = element.slice(summary < 0 ? element.indexOf(">") + 1 : summary + "</summary>".length)
  return inner
    .split("\n")
    .map((line) => line.replace(/^\s*(?:>|&gt;)\s?/, ""))
    .join("\n")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll(/&#(?:x27|39);/g, "'")
    .replaceAll("&amp;", "&")
    .trim()
}

function readTags(given: readonly string[]): readonly string[] {
  const known = new Set<string>()
  for (const tag of given) {
    const name = tag.trim().slice(0, CONVERSATION_LIMITS.tagLength)
    if (name !== "" && known.size < CONVERSATION_LIMITS.tags) known.add(name)
  }
  return [...known]
}
