// A text that grows at its end, cut into paragraphs, lists, tables and the like: what is whole is not read again.
import { parseMarkdownIntoBlocks } from "streamdown"

/** What comes later may still change the last block, and join it with the one before. */
const READ_AGAIN = 2
/** A text with notes, or with links that are explained elsewhere in it, is one block. */
const FAR_REACHING = /\[\^|\]:/

/** Keeps what it was given last; gives what `parseMarkdownIntoBlocks` gives for the whole text, in less time where it begins alike. */
export function createBlockSplitter(): (text: string) => readonly string[] {
  let blocks: readonly string[] = []
  return (text) => {
    const whole = blocks.slice(0, -READ_AGAIN)
    const known = whole.join("")
    if (whole.length > 0 && text.startsWith(known)) {
      const rest = text.slice(known.length)
      if (!FAR_REACHING.test(rest)) {
        blocks = [...whole, ...parseMarkdownIntoBlocks(rest)]
        return blocks
      }
    }
    blocks = parseMarkdownIntoBlocks(text)
    return blocks
  }
}
