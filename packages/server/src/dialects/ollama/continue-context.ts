// `context` of `/api/generate`: the conversation so far as token ids. An answer gives it, the next request brings it back.
//
// What is given: the tokens of the prompt as the model read them, then those of the answer's text. The model's thinking is left out, as templates
// leave it out of a conversation's history. What is brought back is continued by a turn of the user: the tokens that the template puts
// between an answer and the next one.
import type { App } from "@fireside/app"
import { AppError, type ChatRequest } from "@fireside/protocol"

/** The `context` after an answer. */
export async function contextAfter(
  app: App,
  { model, promptTokens, text }: { model: string; promptTokens: readonly number[]; text: string },
  signal: AbortSignal,
): Promise<readonly number[]> {
  const answer = text === "" ? [] : await app.tokenize({ model, text, special: false, addBos: false }, signal)
  return [...promptTokens, ...answer]
}

export type Continued = Pick<ChatRequest, "model" | "contextLength" | "think"> & { readonly prompt: string }

/**
 * The tokens after a finished answer: its end, the user's turn, the beginning of the next answer. They are cut out of a made-up conversation,
 * behind the text of its answer; which texts are not the template's is known for every token, so no template has to be understood.
 */
export async function renderContinuation(
  app: App,
  { prompt, ...request }: Continued,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const first = { role: "user", content: "question" } as const
  const before = await app.render({ ...request, messages: [first] }, signal)
  const whole = await app.render(
    {
      ...request,
      messages: [first, { role: "assistant", content: "answer" }, { role: "user", content: prompt }],
    },
    signal,
  )
  // Before the answer stands what stands in front of any first turn: the model's own system text and examples, then the question.
  const answerAt = ownRuns(before.fromTemplate).length
  const answer = ownRuns(whole.fromTemplate)[answerAt]
  if (answer === undefined)
    throw new AppError("unsupported", {
      message: "`context` cannot be continued with this model: its template leaves out earlier answers.",
      hint: "Use /api/chat, which takes the whole conversation.",
      details: { field: "context" },
    })
  return whole.tokens.slice(answer.end)
}

/** Where text that is not the template's begins and ends, in tokens. */
function ownRuns(fromTemplate: readonly boolean[]): readonly { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = []
  let start = -1
  for (let at = 0; at <= fromTemplate.length; at += 1) {
    const own = fromTemplate[at] === false
    if (own && start < 0) start = at
    if (!own && start >= 0) {
      runs.push({ start, end: at })
      start = -1
    }
  }
  return runs
}
