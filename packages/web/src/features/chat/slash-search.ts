// A message that begins with a slash names a kept prompt until it has a space. Pure.
import type { StoredPrompt } from "@fireside/protocol"

const MOST = 8

/** Is this text the beginning of a search? */
export function isSlashSearch(text: string): boolean {
  return /^\/\S*$/.test(text)
}

/** Those whose name has what was typed, the ones that begin with it first. Undefined: it is no search. */
export function slashMatches(
  text: string,
  prompts: readonly StoredPrompt[],
): readonly StoredPrompt[] | undefined {
  if (!isSlashSearch(text)) return undefined
  const typed = text.slice(1).toLowerCase()
  // Names have spaces, what is typed has none.
  const nameOf = ({ name }: StoredPrompt) => name.toLowerCase().replaceAll(/\s+/g, "-")
  const found = prompts.filter((prompt) => nameOf(prompt).includes(typed))
  const rank = (prompt: StoredPrompt) => Number(!nameOf(prompt).startsWith(typed))
  return found.toSorted((one, other) => rank(one) - rank(other)).slice(0, MOST)
}
