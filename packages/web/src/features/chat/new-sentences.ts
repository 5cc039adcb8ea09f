/** Whole sentences of a growing text that were not said yet, and how far they go. */
export function newSentences(text: string, saidTo: number): { readonly text: string; readonly upTo: number } {
  const fresh = text.slice(saidTo)
  let end = 0
  for (const match of fresh.matchAll(/[.!?。！？؟](?=\s|$)|\n/g)) end = match.index + match[0].length
  // The last mark of a text that still grows may be the point of a number.
  if (end === fresh.length && !fresh.endsWith("\n")) end = fresh.slice(0, -1).lastIndexOf(". ") + 1
  return { text: fresh.slice(0, end).trim(), upTo: saidTo + end }
}
