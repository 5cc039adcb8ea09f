// Tags as people write them, one after another. Pure.
import { CONVERSATION_LIMITS } from "@fireside/protocol"

const { tags: MOST, tagLength } = CONVERSATION_LIMITS

/** Parted by commas of any script; what is too long is cut, what comes twice or too much is left out. */
export function readTags(text: string): string[] {
  const tags = text
    .split(/[,،，、;]/)
    .map((tag) => tag.trim().slice(0, tagLength).trim())
    .filter((tag) => tag !== "")
  return [...new Set(tags)].slice(0, MOST)
}
