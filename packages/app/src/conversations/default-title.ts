// The title of a conversation that was given none.

const TITLE_CHARACTERS = 60

/** The first 60 characters of a text on one line, cut between two words where there are two. */
export function defaultTitle(text: string): string {
  // Only the beginning of a long text is looked at; four times as many, since spaces fall together.
  const beginning = text.trimStart().slice(0, 4 * TITLE_CHARACTERS)
  // The cut may go through a character of two units.
  const whole = beginning.replace(/[\uD800-\uDBFF]$/, "")
  const line = whole.replaceAll(/\s+/g, " ").trim()
  const characters = [...line]
  if (characters.length <= TITLE_CHARACTERS) return line
  const start = characters.slice(0, TITLE_CHARACTERS).join("")
  if (characters[TITLE_CHARACTERS] === " ") return start.trimEnd()
  const border = start.lastIndexOf(" ")
  return border > 0 ? start.slice(0, border) : start
}
