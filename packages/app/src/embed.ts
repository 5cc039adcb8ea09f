// Texts to vectors: the inputs checked by their places, then a turn, a lease and the engine.
import type { Model } from "@fireside/engine"
import type { StoredModel } from "@fireside/library"
import { AppError } from "@fireside/protocol"
import type { App } from "./app.ts"
import { resolveModel } from "./leases.ts"
import { costOfTexts } from "./queue/turn-cost.ts"
import { poolingOf, type Scheduling, takeModel } from "./take-model.ts"

/** Of `<architecture>.pooling_type`: one score for a pair of texts in place of a vector. */
const POOLING_RANK = 4

export function createEmbed(scheduling: Scheduling): App["embed"] {
  const { parts } = scheduling
  return async (request, options, signal) => {
    const startedAt = parts.clock.monotonic()
    const { model: reference, texts } = request
    requireFilled(texts)
    const stored = await resolveModel(parts, reference)
    refuseRankModel(stored)
    const wish = { reference, stored, use: "embed", cost: costOfTexts(texts) } as const
    await using lease = await takeModel(scheduling, wish, options, signal)
    const { model, loadMs } = lease
    const { vectors, promptTokens } = await model.embed(await asTexts(model, texts, signal), signal)
    return {
      model: model.facts.name,
      vectors,
      promptTokens,
      loadMs,
      totalMs: parts.clock.monotonic() - startedAt,
    }
  }
}

/** Throws `unsupported` for a model whose file says that it gives scores of pairs: this build reads vectors only. */
function refuseRankModel(stored: StoredModel | undefined): void {
  if (stored === undefined || poolingOf(stored) !== POOLING_RANK) return
  throw new AppError("unsupported", {
    message: `${stored.summary.name} scores pairs of texts and makes no embeddings; such models cannot be used yet.`,
    hint: "Use an embedding model: rerank compares its vectors.",
  })
}

function requireFilled(inputs: readonly (string | readonly number[])[]): void {
  const at = inputs.findIndex((input) => input.length === 0)
  if (at < 0) return
  throw new AppError("bad-request", {
    message: `Input ${at} is empty; an empty text has no embedding.`,
    hint: "Inputs are counted from 0.",
    details: { index: at },
  })
}

/** Token ids become the text they stand for. */
async function asTexts(
  model: Model,
  inputs: readonly (string | readonly number[])[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { vocabularySize } = model.facts
  const texts: string[] = []
  for (const [index, input] of inputs.entries()) {
    if (typeof input === "string") {
      texts.push(input)
      continue
    }
    const wrong = input.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize)
    if (wrong !== undefined)
      throw new AppError("bad-request", {
        message: `Input ${index} has the token ${wrong}; the vocabulary has ${vocabularySize} tokens.`,
        hint: "Inputs are counted from 0.",
        details: { index, token: wrong, vocabularySize },
      })
    texts.push(await model.detokenize(input, signal))
  }
  return texts
}
