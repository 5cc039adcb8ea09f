// POST /infill: what stands between two texts, as llama.cpp's editor plug-ins ask for it.
import type { CompletionRequest } from "@fireside/app"
import { type ChatEvent, collect, errorBody, type FinishReason, REQUEST_LIMITS, z } from "@fireside/protocol"
import { publicError } from "../../public-error.ts"
import type { Exchange, Reply, Route } from "../../route.ts"
import { SSE_HEARTBEAT, sseFrame } from "../../stream/frames.ts"
import { present } from "../present.ts"
import { ignoredHeader, readFields } from "../read-fields.ts"
import { beginChoices, type Choices } from "./choices.ts"
import { errorObject } from "./errors.ts"
import { decodeGeneration, GENERATION_FIELDS, TokenLimit } from "./generation-fields.ts"
import { modelOrLast } from "./model-or-last.ts"
import { runOptions } from "./run-options.ts"
import { encodeTimings } from "./usage.ts"

const InfillBody = z.object({
  ...GENERATION_FIELDS,
  model: z.string().min(1).nullish(),
  input_prefix: z.string(),
  input_suffix: z.string(),
  /** Other pieces of the project; they are put in front of the prefix, each under its file's name. */
  input_extra: z
    .array(z.object({ filename: z.string().nullish(), text: z.string() }))
    .max(REQUEST_LIMITS.infillExtras)
    .nullish(),
  /** What is already written of the middle; it goes on from there. */
  prompt: z.string().nullish(),
  n_predict: TokenLimit.nullish(),
})

export const infillRoutes: readonly Route[] = ["/infill", "/v1/infill"].map(
  (path): Route => ({
    method: "POST",
    path,
    dialect: "openai",
    access: "chat",
    summary: "Fills in what stands between two texts.",
    body: { type: "json", schema: InfillBody },
    handle: infill,
  }),
)

async function infill(exchange: Exchange): Promise<Reply> {
  const { value, ignored } = readFields(InfillBody, exchange.body)
  const model = await modelOrLast(exchange, value.model)
  const request: CompletionRequest = {
    model,
    prompt: { type: "infill", prefix: prefixOf(value), suffix: value.input_suffix },
    ...decodeGeneration(value),
    ...present({ maxTokens: value.n_predict ?? value.max_tokens }),
  }
  const options = runOptions(exchange, value.keep_alive ?? undefined)
  const generate = (signal: AbortSignal): AsyncIterable<ChatEvent> =>
    exchange.app.complete(request, options, signal)
  const headers = ignoredHeader(ignored)
  if (value.stream === true) {
    const choices = await beginChoices([generate], exchange.signal)
    return {
      type: "stream",
      format: "sse",
      frames: frames(choices, model, exchange),
      headers,
      heartbeat: SSE_HEARTBEAT,
    }
  }
  const answer = await collect(generate(exchange.signal))
  return { type: "json", body: { content: answer.text, ...lastFields(answer, model) }, headers }
}

function prefixOf(value: z.output<typeof InfillBody>): string {
  const extras = (value.input_extra ?? []).map(
    ({ filename, text }) =>
      `${filename === undefined || filename === null ? "" : `${filename}\n`}${text}\n\n`,
  )
  return `${extras.join("")}${value.input_prefix}${value.prompt ?? ""}`
}

/** llama.cpp ends these streams with a `stop` object and without `[DONE]`. Never throws. */
async function* frames(
  { events }: Choices,
  model: string,
  { log, requestId }: Exchange,
): AsyncGenerator<string> {
  try {
    for await (const { event } of events) {
      if (event.type === "text-delta" && event.text !== "")
        yield sseFrame({ index: 0, content: event.text, stop: false, model })
      if (event.type === "finish") yield sseFrame({ index: 0, content: "", ...lastFields(event, model) })
      if (event.type === "error") yield sseFrame(errorObject(errorBody(event), requestId))
    }
  } catch (error) {
    yield sseFrame(errorObject(publicError(error, log), requestId))
  }
}

type Finished = Pick<Extract<ChatEvent, { type: "finish" }>, "reason" | "stopString" | "usage" | "timings">

function lastFields(finished: Finished, model: string): Record<string, unknown> {
  const { usage, timings, stopString } = finished
  return {
    stop: true,
    model,
    tokens_predicted: usage.completionTokens,
    tokens_evaluated: usage.promptTokens,
    tokens_cached: usage.cachedTokens,
    truncated: false,
    stop_type: stopType(finished.reason, stopString),
    stopping_word: stopString ?? "",
    timings: encodeTimings(usage, timings),
  }
}

function stopType(reason: FinishReason, stopString: string | undefined): string {
  if (reason === "length") return "limit"
  return stopString === undefined ? "eos" : "word"
}
