// Text that nobody has computed before: a stream of plain words from a seed. Pure.

/** Each is one token with a space before it in the vocabularies of the usual models, so that words are tokens, nearly. */
const WORDS = (
  "time year people way day man thing woman life child world school state family student group country problem hand part " +
  "place case week company system program question work government number night point home water room mother area money " +
  "story fact month lot right study book eye job word business issue side kind head house service friend father power hour " +
  "game line end member law car city community name president team minute idea body information back parent face others " +
  "level office door health person art war history party result change morning reason research girl guy moment air teacher " +
  "force education foot boy age policy process music market sense nation plan college interest death experience effect use " +
  "class control field development role effort rate heart drug show leader light voice wife police mind price report decision"
).split(" ")

export interface WordSource {
  /** `count` words in sentences of a dozen. */
  words(count: number): string
  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number
}

/** The same seed gives the same text on every machine. */
export function createWords(seed: number): WordSource {
  let state = seed >>> 0
  // Marsaglia's xorshift of 32 bits, on a state that a multiplication spreads: neighbouring seeds give unlike texts.
  state = Math.imul(state ^ 0x9e3779b9, 0x85ebca6b) | 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  const below = (limit: number): number => next() % limit
  return {
    below,
    words(count) {
      const said: string[] = []
      for (let at = 0; at < count; at++) {
        const word = WORDS[below(WORDS.length)] ?? "time"
        said.push(at % 12 === 11 && at < count - 1 ? `${word}.` : word)
      }
      return said.length === 0 ? "" : `${said.join(" ")}.`
    },
  }
}
