// Tokens → text, with control tokens written out: the inverse of the tokeniser.
import type { NativeModel } from "./native/model.ts"

/** Throws `bad-request` for an id that the vocabulary does not have. */
export function decodeTokens(model: NativeModel, tokens: readonly number[]): string {
  const text = Buffer.concat(tokens.map((token) => model.piece(token, true))).toString()
  if (!model.addsSpacePrefix) return text
  const [first] = tokens
  if (first === undefined) return text
  // The tokeniser put a space before the first word; it was not in the text.
  if (model.isControl(first)) {
    const control = Buffer.from(model.piece(first, true)).toString()
    const rest = text.slice(control.length)
    return control + (rest.startsWith(" ") ? rest.slice(1) : rest)
  }
  return text.startsWith(" ") ? text.slice(1) : text
}
