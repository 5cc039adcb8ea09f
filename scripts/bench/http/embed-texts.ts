// One request for embeddings over the OpenAI API, timed from outside.
import { type HttpTarget, postJson, readText } from "./post-json.ts"

export interface EmbeddedTexts {
  /** First byte of the request sent → last byte of the answer. */
  readonly ms: number
  readonly promptTokens: number
  readonly vectors: readonly (readonly number[])[]
}

/** Throws `HttpRefused`, and an `Error` when the answer has not one vector for each text. */
export async function embedTexts(
  target: HttpTarget,
  body: { readonly model: string; readonly input: readonly string[] },
  signal: AbortSignal,
): Promise<EmbeddedTexts> {
  const posted = await postJson(target, { path: "/v1/embeddings", json: JSON.stringify(body) }, signal)
  const text = await readText(posted.response)
  const ms = performance.now() - posted.startedAtMs
  const answer = JSON.parse(text) as Answer // counted below
  const vectors = answer.data?.map(({ embedding }) => embedding) ?? []
  if (vectors.length !== body.input.length)
    throw new Error(`${body.input.length} texts gave ${vectors.length} vectors`)
  return { ms, promptTokens: answer.usage?.prompt_tokens ?? 0, vectors }
}

interface Answer {
  readonly data?: readonly { readonly embedding: readonly number[] }[]
  readonly usage?: { readonly prompt_tokens: number }
}
