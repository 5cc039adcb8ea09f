// The body of a completion: text goes on, without roles and without the model's template.
import type { CompletionRequest } from "@fireside/app"
import { GGUF_LIMITS, REQUEST_LIMITS, z } from "@fireside/protocol"
import { present } from "../present.ts"
import { readFields } from "../read-fields.ts"
import { refuse } from "../refuse.ts"
import { CHOICES_FIELD, decodeGeneration, GENERATION_FIELDS } from "./generation-fields.ts"

export const TokenId = z
  .int()
  .min(0)
  .max(GGUF_LIMITS.vocabularySize - 1)
const Tokens = z.array(TokenId).min(1)

export const CompletionBody = z.object({
  ...GENERATION_FIELDS,
  model: z.string().min(1),
  /** A text or the model's own token ids; of each also a list, where every entry has answers of its own. */
  prompt: z.union([
    z.string(),
    z.array(z.string()).min(1).max(REQUEST_LIMITS.completionPrompts),
    Tokens,
    z.array(Tokens).min(1).max(REQUEST_LIMITS.completionPrompts),
  ]),
  /** What comes behind the answer: fills in the middle, with models that were trained for it. */
  suffix: z.string().nullish(),
  /** Repeat the prompt in front of the answer. */
  echo: z.boolean().nullish(),
  n: CHOICES_FIELD,
  best_of: CHOICES_FIELD,
  /** How many of the best tokens come with their log-probabilities. */
  logprobs: z.int().min(0).max(REQUEST_LIMITS.topLogprobs).nullish(),
})

export interface DecodedCompletion {
  readonly model: string
  /** One for each prompt, in their order. */
  readonly requests: readonly CompletionRequest[]
  /** Answers wanted to each. */
  readonly choices: number
  readonly echo: boolean
  readonly stream: boolean
  readonly includeUsage: boolean
  readonly keepAliveMs?: number
  readonly ignored: readonly string[]
}

/** Throws `bad-request` with `details {field}`. */
export function decodeCompletion(body: unknown): DecodedCompletion {
  const { value, ignored } = readFields(CompletionBody, body)
  const { model, logprobs } = value
  const choices = value.n ?? 1
  const echo = value.echo ?? false
  if ((value.best_of ?? choices) !== choices)
    throw refuse("best_of", "can only be `n`: answers are not ranked")
  if (echo && logprobs !== undefined && logprobs !== null)
    throw refuse(
      "echo",
      "cannot be joined with `logprobs`: the probabilities of the prompt's own tokens are not computed",
    )
  // An empty suffix is how clients write "none".
  const suffix = value.suffix === "" ? undefined : (value.suffix ?? undefined)
  const shared = { ...decodeGeneration(value), ...present({ topLogprobs: logprobs }) }
  return {
    model,
    requests: promptsOf(value.prompt).map((prompt) => ({
      model,
      prompt: toPrompt(prompt, suffix),
      ...shared,
    })),
    choices,
    echo,
    stream: value.stream ?? false,
    includeUsage: value.stream_options?.include_usage ?? false,
    ...present({ keepAliveMs: value.keep_alive }),
    ignored,
  }
}

type WirePrompt = z.output<typeof CompletionBody>["prompt"]
type OnePrompt = string | readonly number[]

function promptsOf(prompt: WirePrompt): readonly OnePrompt[] {
  if (typeof prompt === "string") return [prompt]
  // The schema lets no list through that holds both.
  return typeof prompt[0] === "number" ? [prompt as number[]] : (prompt as string[] | number[][])
}

function toPrompt(prompt: OnePrompt, suffix: string | undefined): CompletionRequest["prompt"] {
  if (typeof prompt !== "string") {
    if (suffix !== undefined) throw refuse("suffix", "needs a `prompt` that is text")
    return { type: "tokens", tokens: prompt }
  }
  return suffix === undefined ? { type: "plain", text: prompt } : { type: "infill", prefix: prompt, suffix }
}
