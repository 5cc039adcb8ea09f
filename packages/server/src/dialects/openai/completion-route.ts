// POST /v1/completions
import type { CompletionRequest } from "@fireside/app"
import { CHOICES_LIMIT } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { SSE_HEARTBEAT } from "../../stream/frames.ts"
import { ignoredHeader } from "../read-fields.ts"
import { refuse } from "../refuse.ts"
import { envelope } from "./answer-envelope.ts"
import { beginChoices, collectChoices, ofChoice, type StartGeneration } from "./choices.ts"
import { CompletionBody, type DecodedCompletion, decodeCompletion } from "./completion-body.ts"
import {
  type CompletionEncoding,
  createCompletionStream,
  encodeCompletionChoice,
} from "./encode-completion.ts"
import { runOptions } from "./run-options.ts"
import { ending, streamFrames } from "./stream-frames.ts"

export const completionRoute: Route = {
  method: "POST",
  path: "/v1/completions",
  dialect: "openai",
  access: "chat",
  summary: "Goes on with a text, or fills in the middle of one.",
  body: { type: "json", schema: CompletionBody },
  async handle(exchange) {
    const completion = decodeCompletion(exchange.body)
    const { requests, choices } = completion
    if (completion.stream && requests.length * choices > CHOICES_LIMIT)
      throw refuse("prompt", `can have at most ${CHOICES_LIMIT} answers in one stream`)
    const options = runOptions(exchange, completion.keepAliveMs)
    const generations = requests.flatMap((request) =>
      Array.from(
        { length: choices },
        (_, index): StartGeneration =>
          (signal) =>
            exchange.app.complete(ofChoice(request, index), options, signal),
      ),
    )
    const encoding: CompletionEncoding = {
      logprobs: requests[0]?.topLogprobs !== undefined,
      echoes: completion.echo ? await echoesOf(exchange, completion) : [],
    }
    return completion.stream
      ? stream(exchange, { completion, generations, encoding })
      : whole(exchange, { completion, generations, encoding })
  },
}

interface Answering {
  readonly completion: DecodedCompletion
  readonly generations: readonly StartGeneration[]
  readonly encoding: CompletionEncoding
}

/** The text of each choice's prompt. */
async function echoesOf(
  exchange: Exchange,
  { requests, choices, model }: DecodedCompletion,
): Promise<readonly string[]> {
  const texts: string[] = []
  for (const { prompt } of requests) {
    const text = await textOf(exchange, model, prompt)
    for (let choice = 0; choice < choices; choice += 1) texts.push(text)
  }
  return texts
}

async function textOf(
  { app, signal }: Exchange,
  model: string,
  prompt: CompletionRequest["prompt"],
): Promise<string> {
  switch (prompt.type) {
    case "plain":
    case "rendered":
      return prompt.text
    case "infill":
      return prompt.prefix
    case "tokens":
      return app.detokenize({ model, tokens: prompt.tokens }, signal)
    default:
      return prompt satisfies never
  }
}

async function stream(exchange: Exchange, { completion, generations, encoding }: Answering): Promise<Reply> {
  const choices = await beginChoices(generations, exchange.signal)
  const head = envelope({
    prefix: "cmpl",
    id: choices.start.id,
    object: "text_completion",
    created: exchange.now(),
    model: completion.model,
    deterministic: choices.start.deterministic,
  })
  const options = {
    head,
    encoder: createCompletionStream(encoding),
    includeUsage: completion.includeUsage,
    answersEach: completion.choices,
  }
  return {
    type: "stream",
    format: "sse",
    frames: streamFrames(choices, options, exchange),
    headers: ignoredHeader(completion.ignored),
    heartbeat: SSE_HEARTBEAT,
  }
}

async function whole(exchange: Exchange, { completion, generations, encoding }: Answering): Promise<Reply> {
  const answers = await collectChoices(generations, exchange.signal)
  const head = envelope({
    prefix: "cmpl",
    id: answers[0]?.id ?? "",
    object: "text_completion",
    created: exchange.now(),
    model: completion.model,
    deterministic: answers[0]?.deterministic,
  })
  return {
    type: "json",
    body: {
      ...head,
      choices: answers.map((answer, index) => encodeCompletionChoice(answer, index, encoding)),
      ...ending(answers, {
        answersEach: completion.choices,
        notices: answers.flatMap((answer) => answer.notices),
      }),
    },
    headers: ignoredHeader(completion.ignored),
  }
}
