// What a person types into a search box → words, and an expression of SQLite's full-text search. Nothing typed is an operator.
import { CONVERSATION_LIMITS } from "@fireside/protocol"

/** Pieces with a letter or a digit in them; none when there is nothing to look for. */
export function searchWords(query: string): readonly string[] {
  return (
    query
      .slice(0, CONVERSATION_LIMITS.searchCharacters)
      // SQLite's parser ends at a zero; other controls are between words as spaces are.
      .split(/[\s\p{Cc}]+/u)
      // A quoted piece without a word in it finds nothing, and with it the others would not either.
      .filter((word) => /[\p{L}\p{N}]/u.test(word))
      .slice(0, CONVERSATION_LIMITS.searchWords)
  )
}

/** Undefined when there is nothing to look for. */
export function matchExpression(query: string): string | undefined {
  const words = searchWords(query)
  if (words.length === 0) return undefined
  return words
    .map((word, at) => quote(word) + (at === words.length - 1 && mayBegin(word) ? " *" : ""))
    .join(" ")
}

const quote = (word: string): string => `"${word.replaceAll('"', '""')}"`

/** Half of all words begin with a given letter of the Latin alphabet: a single one is a word. Other scripts say more with one. */
const mayBegin = (word: string): boolean => !/^[\dA-Za-z]$/.test(word)
