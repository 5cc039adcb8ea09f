// Full-text search over titles and messages. The newest come first, not the nearest: so the index is read from its end and left as soon as
// there is enough, however common the words are.
import { randomUUID } from "node:crypto"
import type { Database } from "@fireside/host"
import type { SearchHit } from "@fireside/protocol"
import { CONVERSATION_COLUMNS, type ConversationRow, toConversation } from "./conversation-row.ts"
import { type Marks, readMarkedSnippet } from "./marked-snippet.ts"
import { matchExpression } from "./match-expression.ts"
import { scanTexts, writesNoSpaces } from "./scan-texts.ts"

type HitRow = ConversationRow & { readonly message_id: string | null; readonly snippet: string }

/** Words of a snippet. */
const SNIPPET_WORDS = 24
/** Of one conversation in one answer: a long one would hide the others. */
const HITS_OF_ONE = 3
/** Rows that are looked at for each hit that is wanted. */
const LOOKED_AT = 4

const IN_TITLES = `SELECT ${CONVERSATION_COLUMNS}, NULL AS message_id,
    snippet(conversation_search, 0, ?, ?, '…', ${SNIPPET_WORDS}) AS snippet
  FROM conversation_search CROSS JOIN conversation ON conversation.seq = conversation_search.rowid
  WHERE conversation_search MATCH ? AND conversation.owner = ? AND conversation.trashed_at IS NULL
  ORDER BY conversation_search.rowid DESC LIMIT ?`

const IN_MESSAGES = `SELECT ${CONVERSATION_COLUMNS}, message.id AS message_id,
    snippet(message_search, 0, ?, ?, '…', ${SNIPPET_WORDS}) AS snippet
  FROM message_search CROSS JOIN message ON message.seq = message_search.rowid
    CROSS JOIN conversation ON conversation.id = message.conversation_id
  WHERE message_search MATCH ? AND conversation.owner = ? AND conversation.trashed_at IS NULL
  ORDER BY message_search.rowid DESC LIMIT ?`

export interface TextSearch {
  readonly query: string
  readonly limit: number
  readonly owner: string
}

/** First what is found in a title, then in messages. What lies in the trash is not found. */
export function searchConversations(
  database: Database,
  { query, limit, owner }: TextSearch,
): readonly SearchHit[] {
  const expression = matchExpression(query)
  if (expression === undefined) return []
  const found = writesNoSpaces(query)
    ? scanTexts(database, { query, limit: LOOKED_AT * limit, owner })
    : lookIntoIndex(database, { expression, limit, owner })
  const counts = new Map<string, number>()
  return found
    .filter(({ conversation: { id }, messageId }) => {
      if (messageId === null) return true
      const count = (counts.get(id) ?? 0) + 1
      counts.set(id, count)
      return count <= HITS_OF_ONE
    })
    .slice(0, limit)
}

interface IndexSearch extends Omit<TextSearch, "query"> {
  readonly expression: string
}

function lookIntoIndex(database: Database, { expression, limit, owner }: IndexSearch): readonly SearchHit[] {
  // No text holds them: they are drawn after every text was written.
  const mark = randomUUID()
  const marks: Marks = { open: `<${mark}>`, close: `</${mark}>` }
  const look = (sql: string, rows: number): readonly SearchHit[] =>
    database.all<HitRow>(sql, marks.open, marks.close, expression, owner, rows).map((row) => ({
      conversation: toConversation(row),
      messageId: row.message_id,
      snippet: readMarkedSnippet(row.snippet, marks),
    }))
  const titles = look(IN_TITLES, limit)
  return titles.length >= limit ? titles : [...titles, ...look(IN_MESSAGES, LOOKED_AT * limit)]
}
