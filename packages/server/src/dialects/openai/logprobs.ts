// Log-probabilities in the two shapes that OpenAI has for them.
import type { TokenLogprob } from "@fireside/protocol"

/** Of a chat. */
export function encodeLogprobs(tokens: readonly TokenLogprob[]): Record<string, unknown> {
  return {
    content: tokens.map(({ token, logprob, bytes, top }) => ({
      token,
      logprob,
      bytes,
      top_logprobs: top.map((it) => ({ token: it.token, logprob: it.logprob, bytes: it.bytes })),
    })),
    refusal: null,
  }
}

/** Of a completion. `offset` is where the first token stands in the text, UTF-16 code units. */
export function encodeLegacyLogprobs(
  tokens: readonly TokenLogprob[],
  offset: number,
): Record<string, unknown> {
  let at = offset
  const offsets: number[] = []
  for (const { token } of tokens) {
    offsets.push(at)
    at += token.length
  }
  return {
    tokens: tokens.map((it) => it.token),
    token_logprobs: tokens.map((it) => it.logprob),
    // The chosen token is always among them, whether it is one of the best or not.
    top_logprobs: tokens.map((it) =>
      Object.fromEntries([...it.top, it].map((each) => [each.token, each.logprob])),
    ),
    text_offset: offsets,
  }
}
