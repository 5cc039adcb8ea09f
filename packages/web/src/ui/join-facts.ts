const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}]/u

/** Are there words in it that are read from the right? */
export const hasRightToLeft = (text: string): boolean => RIGHT_TO_LEFT.test(text)

/** Text that keeps its own order of letters among words of the other direction: a name or a size in an Arabic sentence. */
export function isolate(text: string): string {
  // What has Arabic words in it is an Arabic phrase, also where it begins with a name.
  return `${hasRightToLeft(text) ? "\u2067" : "\u2066"}${text}\u2069`
}

/** Short facts in a row. One in the other direction does not change places with its neighbours. */
export function joinFacts(facts: readonly string[]): string {
  const isMixed = facts.some(hasRightToLeft)
  return (isMixed ? facts.map(isolate) : facts).join(" · ")
}
