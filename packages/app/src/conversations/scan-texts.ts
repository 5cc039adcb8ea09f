// A search for words of scripts that put no spaces between them: the index takes a whole sentence for one word, so the texts themselves are read,
// of messages the newest only.
import type { Database } from "@fireside/host"
import type { SearchHit } from "@fireside/protocol"
import { CONVERSATION_COLUMNS, type ConversationRow, toConversation } from "./conversation-row.ts"
import { searchWords } from "./match-expression.ts"

const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

export const writesNoSpaces = (query: string): boolean => UNSPACED.test(query)

/** About a tenth of a second's reading. */
const MESSAGES_READ = 20_000
/** Characters of a snippet before the first word and from it on. */
const BEFORE = 20
const AFTER = 100

type TextRow = ConversationRow & { readonly message_id: string | null; readonly text: string }

/** The words come as a JSON list; SQLite's `lower` knows ASCII only, and so does ours. */
const hasAll = (text: string): string =>
  `NOT EXISTS (SELECT 1 FROM json_each(?) WHERE instr(lower(${text}), value) = 0)`

const IN_TITLES = `SELECT ${CONVERSATION_COLUMNS}, NULL AS message_id, conversation.title AS text FROM conversation
  WHERE owner = ? AND trashed_at IS NULL AND ${hasAll("conversation.title")}
  ORDER BY seq DESC LIMIT ?`

const IN_MESSAGES = `SELECT ${CONVERSATION_COLUMNS}, recent.id AS message_id, recent.text
  FROM (SELECT message.seq, message.id, message.conversation_id, json_extract(message.message, '$.content') AS text
      FROM message ORDER BY message.seq DESC LIMIT ${MESSAGES_READ}) AS recent
    CROSS JOIN conversation ON conversation.id = recent.conversation_id
  WHERE conversation.owner = ? AND conversation.trashed_at IS NULL AND ${hasAll("recent.text")}
  ORDER BY recent.seq DESC LIMIT ?`

export function scanTexts(
  database: Database,
  { query, limit, owner }: { readonly query: string; readonly limit: number; readonly owner: string },
): readonly SearchHit[] {
  const words = searchWords(query).map(lower)
  const given = JSON.stringify(words)
  return [IN_TITLES, IN_MESSAGES].flatMap((sql) =>
    database.all<TextRow>(sql, owner, given, limit).map((row) => ({
      conversation: toConversation(row),
      messageId: row.message_id,
      snippet: cutSnippet(row.text, words),
    })),
  )
}

/** On one line, around the first word, with the places of all that is found in it. */
export function cutSnippet(text: string, words: readonly string[]): SearchHit["snippet"] {
  const line = text.replaceAll(/\s+/g, " ").trim()
  const plain = lower(line)
  const first = Math.max(
    0,
    Math.min(...words.map((word) => plain.indexOf(word)).filter((at) => at >= 0), plain.length),
  )
  const start = notInside(line, Math.max(0, first - BEFORE))
  const end = notInside(line, Math.min(line.length, first + AFTER))
  const lead = start > 0 ? "…" : ""
  const places = words
    .flatMap((word) => occurrences(plain.slice(start, end), word))
    .sort((left, right) => left.start - right.start || right.end - left.end)
  const matches: Place[] = []
  for (const place of places) {
    // Words may lie in one another.
    if (place.start + lead.length < (matches.at(-1)?.end ?? 0)) continue
    matches.push({ start: place.start + lead.length, end: place.end + lead.length })
  }
  return { text: `${lead}${line.slice(start, end)}${end < line.length ? "…" : ""}`, matches }
}

interface Place {
  readonly start: number
  readonly end: number
}

function occurrences(text: string, word: string): readonly Place[] {
  const found: Place[] = []
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length))
    found.push({ start: at, end: at + word.length })
  return found
}

/** One further when the cut would go through a character of two units. */
const notInside = (text: string, at: number): number =>
  /[\uDC00-\uDFFF]/.test(text[at] ?? "") && at > 0 ? at + 1 : at

const lower = (text: string): string => text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
