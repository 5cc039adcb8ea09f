// What a model thinks of a given text: after each of its tokens, the logarithms of the probabilities of the next one. For comparing two
// files of one model. Whole distributions would be megabytes a sentence, so only the likeliest tokens are handed out.
import { AppError } from "@fireside/protocol"
import type { LoadedModel } from "./loaded-model.ts"
import { bestTokens, logOfSum } from "./log-probabilities.ts"
import type { ScoreOptions, TokenScores } from "./messages.ts"
import { createContext } from "./native/context.ts"
import type { NativeLibrary } from "./native/library.ts"

/** Tokens handed out for each position: of a model that knows what it says, they have all but a thousandth of the probability. */
const KEPT = 256
/** As many rows as a context hands out at once. */
const MOST_ROWS = 64

export interface ScoreContext {
  readonly library: NativeLibrary
  readonly loaded: LoadedModel
  readonly yieldTurn: () => Promise<void>
}

/** Runs alone, in a context of its own: what the sequences hold stays. Throws `context-overflow`, `bad-request`. */
export async function score(
  { tokens, at, rows: wished = MOST_ROWS }: ScoreOptions,
  { library, loaded, yieldTurn }: ScoreContext,
): Promise<TokenScores> {
  const { model, plan, pool } = loaded
  const kept = Math.min(KEPT, model.vocabularySize)
  const most = Math.min(Math.max(1, Math.floor(wished)), MOST_ROWS)
  requireTokens({ tokens, at, kept, loaded })
  using context = createContext(library, model, {
    cellsPerSequence: tokens.length,
    sequences: 1,
    batchRows: MOST_ROWS,
    microBatchRows: MOST_ROWS,
    kvType: plan.kvType,
    threads: plan.threads,
    pool,
  })
  const ids = new Int32Array(tokens.length * kept)
  const logProbabilities = new Float32Array(tokens.length * kept)
  for (let from = 0; from < tokens.length; from += most) {
    const rows = tokens.slice(from, from + most)
    context.clear()
    for (const [index, token] of rows.entries()) context.addRow(token, from + index, 0, true)
    const result = context.decode()
    if (result !== "done") throw new Error(`llama_decode of a scored text: ${result}`)
    for (const row of rows.keys()) {
      const logits = context.logits(row)
      const norm = logOfSum(logits)
      const first = (from + row) * kept
      const wanted = at?.subarray(first, first + kept) ?? bestTokens(logits, kept)
      for (let index = 0; index < kept; index++) {
        const id = wanted[index] ?? 0
        ids[first + index] = id
        logProbabilities[first + index] = (logits[id] ?? Number.NEGATIVE_INFINITY) - norm
      }
    }
    await yieldTurn()
  }
  return { kept, ids, logProbabilities }
}

interface Checked {
  readonly tokens: readonly number[]
  readonly at: Int32Array | undefined
  readonly kept: number
  readonly loaded: LoadedModel
}

function requireTokens({ tokens, at, kept, loaded: { model, plan } }: Checked): void {
  if (tokens.length > plan.contextLength)
    throw new AppError("context-overflow", {
      message: `The text has ${tokens.length} tokens; the model was loaded with a context of ${plan.contextLength}.`,
      details: { promptTokens: tokens.length, contextLength: plan.contextLength },
    })
  const isKnown = (id: number) => Number.isInteger(id) && id >= 0 && id < model.vocabularySize
  const isWhole = at === undefined || (at.length === tokens.length * kept && at.every(isKnown))
  if (tokens.length > 0 && tokens.every(isKnown) && isWhole) return
  throw new AppError("bad-request", {
    message: "The text to be scored has tokens that the model does not have, or none.",
  })
}
