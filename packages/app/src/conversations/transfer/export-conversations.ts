// Conversations as a file: which of them, in which format, one at a time. The formats are beside this.
import type { Conversation, ExportFormat, StoredMessage } from "@fireside/protocol"
import type { ConversationTable } from "../conversation-table.ts"
import type { ExportedFile, ExportWish } from "../conversations.ts"
import {
  type ConversationParts,
  findOwn,
  isoTime,
  lookAtConversations,
  openedFor,
} from "../own-conversation.ts"
import { htmlFormat } from "./html-format.ts"
import { jsonFormat } from "./json-format.ts"
import { markdownFormat } from "./markdown-format.ts"

export interface FileFormat {
  readonly extension: string
  readonly contentType: string
  /** All branches, or the one that ends in the newest message. */
  readonly branches: "all" | "newest"
  readonly start: (title: string) => string
  readonly between: string
  readonly end: string
  one(conversation: Conversation, messages: readonly StoredMessage[]): string
}

const FORMATS: Readonly<Record<ExportFormat, FileFormat>> = {
  markdown: markdownFormat,
  json: jsonFormat,
  html: htmlFormat,
}

/** Throws `not-found` before anything is written. */
export async function exportConversations(
  parts: ConversationParts,
  { id, format = "markdown" }: ExportWish,
  owner: string,
): Promise<ExportedFile> {
  const chosen = FORMATS[format]
  const day = isoTime(parts).slice(0, 10)
  const file = (name: string): Pick<ExportedFile, "name" | "contentType"> => ({
    name: `${name}-${day}.${chosen.extension}`,
    contentType: chosen.contentType,
  })
  if (id === null) {
    const opened = await lookAtConversations(parts)
    const contents: Contents =
      opened === undefined
        ? { title: ALL, conversations: [], messages: () => [] }
        : {
            title: ALL,
            conversations: allOf(opened.table, owner),
            messages: messagesOf(chosen, opened.table),
          }
    return { ...file("chats"), pieces: pieces(chosen, contents) }
  }
  const { table } = await openedFor(parts, id)
  const conversation = findOwn(table, id, owner)
  const { title } = conversation
  const contents = { title, conversations: [conversation], messages: messagesOf(chosen, table) }
  return { ...file(fileName(title)), pieces: pieces(chosen, contents) }
}

const ALL = "Conversations"

function* allOf(table: ConversationTable, owner: string): Generator<Conversation> {
  let after = 0
  for (;;) {
    const next = table.next(owner, after)
    if (next === undefined) return
    after = next.seq
    yield next.conversation
  }
}

interface Contents {
  readonly title: string
  readonly conversations: Iterable<Conversation>
  readonly messages: (conversation: Conversation) => readonly StoredMessage[]
}

async function* pieces(
  format: FileFormat,
  { title, conversations, messages }: Contents,
): AsyncGenerator<string, void> {
  yield format.start(title)
  let isFirst = true
  for (const conversation of conversations) {
    const text = format.one(conversation, messages(conversation))
    yield isFirst ? text : format.between + text
    isFirst = false
  }
  yield format.end
}

function messagesOf({ branches }: FileFormat, table: ConversationTable): Contents["messages"] {
  return ({ id }) => {
    if (branches === "all") return table.messages(id)
    const newest = table.newestMessage(id)
    return newest === undefined ? [] : table.branch(newest.id)
  }
}

/** Letters, digits and dashes: harmless in a header and on every disk. */
function fileName(title: string): string {
  const plain = title
    .normalize("NFKD")
    .replaceAll(/[^A-Za-z0-9]+/g, "-")
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, "")
  return plain === "" ? "chat" : `chat-${plain}`
}
