// Requests with one answer that the session does not see to itself: tokenise, detokenise, render, measure, self-test.
import { decodeTokens } from "./decode-tokens.ts"
import { kernelSpeed } from "./kernel-speed.ts"
import type { LoadedModel } from "./loaded-model.ts"
import { measure } from "./measure.ts"
import type { Question } from "./messages.ts"
import type { NativeLibrary } from "./native/library.ts"
import { argmaxOfEach } from "./native/self-test.ts"
import { type PromptContext, preparePrompt, requireBytes, tokenizeLong } from "./prompt-tokens.ts"
import { score } from "./score.ts"
import { tokenEnds } from "./token-ends.ts"

export interface QuestionContext {
  /** Throw when there is none. */
  readonly library: () => NativeLibrary
  readonly loaded: () => LoadedModel
  readonly yieldTurn: () => Promise<void>
  readonly onBatchTick: () => void
  /** Keeps all other work of the model away while `work` runs. Throws `model-in-use`. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
}

export async function answerQuestion(
  question: Exclude<Question, { type: "embed" | "keep-prefixes" | "pin" }>,
  context: QuestionContext,
): Promise<unknown> {
  const { yieldTurn } = context
  switch (question.type) {
    case "tokenize": {
      const { model, plan } = context.loaded()
      requireBytes(Buffer.byteLength(question.text), plan.contextLength)
      const tokens = await tokenizeLong(question.text, question.special, { model, yieldTurn })
      const withBos = question.addBos && model.addsBos && model.tokens.bos >= 0
      return withBos ? [model.tokens.bos, ...tokens] : tokens
    }
    case "detokenize":
      return decodeTokens(context.loaded().model, question.tokens)
    case "render": {
      const loaded = context.loaded()
      const { text, tokens, kinds } = await preparePrompt(question.prompt, promptContext(loaded, yieldTurn))
      const ends = tokenEnds(
        text,
        tokens.map((token) => loaded.model.piece(token, true)),
      )
      return { text, tokens, kinds, fromTemplate: kinds.map((kind) => kind === "template"), ends }
    }
    case "benchmark":
      return await context.alone(() => measure(context.loaded(), question.options, context))
    case "score":
      return await context.alone(() =>
        score(question.options, { library: context.library(), loaded: context.loaded(), yieldTurn }),
      )
    case "kernel-speed":
      return kernelSpeed(context.library(), question.options)
    case "self-test":
      return argmaxOfEach(context.library(), question.path, question.tokens)
    default:
      return question satisfies never
  }
}

export function promptContext(loaded: LoadedModel, yieldTurn: () => Promise<void>): PromptContext {
  const { model, template, controlTexts, plan } = loaded
  return { model, template, controlTexts, contextLength: plan.contextLength, yieldTurn }
}
