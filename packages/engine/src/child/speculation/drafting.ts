// Guesses for the streams of a step, and what is learnt from what became of them. It decodes nothing and changes no stream.
import { chooseDraftLengths, type DraftCandidate } from "./draft-lengths.ts"
import { createHitRates, type HitRates } from "./hit-rates.ts"
import { createNgramIndex, type NgramIndex } from "./ngram-index.ts"
import type { StepCosts } from "./step-costs.ts"
import { stepPasses } from "./step-passes.ts"

/** A draft and the row before it are 64 rows at most, which the library computes like a block of prefill. */
const LONGEST_DRAFT = 63

export interface DraftableStream {
  /** Prompt and answer; the last one is not computed yet. */
  readonly tokens: readonly number[]
  /** Guesses that it could use; 0: it wants none. */
  readonly draftLimit: number
}

export interface DraftingOptions {
  readonly costs: StepCosts
  /** See `stepPasses`. */
  readonly ownCells: () => boolean
  /** Rows with logits that a batch can have, of all streams. */
  readonly capacity: number
}

export interface Drafting {
  /** One draft for each stream that decodes in the next step, in order; mostly empty ones. */
  guess(streams: readonly DraftableStream[]): readonly (readonly number[])[]
  /** Tells how long a step without prefill took, with so many rows of each stream. */
  record(rowsByStream: readonly number[], durationMs: number): void
}

interface StreamState {
  readonly index: NgramIndex
  readonly rates: HitRates
  /** What was guessed last, also when it was not sent. */
  guessed: { readonly tokens: readonly number[]; readonly matchLength: number; readonly from: number } | null
}

interface Look {
  readonly candidate: DraftCandidate
  readonly tokens: readonly number[]
}

const NOTHING: Look = { candidate: { chances: [] }, tokens: [] }

export function createDrafting({ costs, ownCells, capacity }: DraftingOptions): Drafting {
  const states = new WeakMap<DraftableStream, StreamState>()

  const stateOf = (stream: DraftableStream): StreamState => {
    let state = states.get(stream)
    if (state === undefined) {
      state = { index: createNgramIndex(stream.tokens), rates: createHitRates(), guessed: null }
      states.set(stream, state)
    }
    return state
  }
  const look = (stream: DraftableStream): Look => {
    const limit = Math.min(stream.draftLimit, LONGEST_DRAFT)
    if (limit <= 0) return NOTHING
    const state = stateOf(stream)
    learn(state, stream.tokens)
    const draft = state.index.draft(limit)
    if (draft === null) return NOTHING
    const { tokens, matchLength } = draft
    // A draft that is not sent still tells whether its first token would have been right.
    state.guessed = { tokens: tokens.slice(0, 1), matchLength, from: stream.tokens.length }
    return { candidate: { chances: state.rates.chances(matchLength, limit) }, tokens }
  }

  const costOf = (rowsByStream: readonly number[]) =>
    stepPasses(rowsByStream, ownCells()).reduce((sum, rows) => sum + costs.ms(rows), 0)

  return {
    guess: (streams) => {
      costs.begin(streams.reduce((sum, { tokens }) => sum + tokens.length, 0) / Math.max(1, streams.length))
      const looks = streams.map(look)
      const candidates = looks.map(({ candidate }) => candidate)
      const lengths = chooseDraftLengths(candidates, { capacity, costOf })
      return streams.map((stream, place) => {
        const tokens = looks[place]?.tokens.slice(0, lengths[place]) ?? []
        const state = states.get(stream)
        if (tokens.length > 0 && state?.guessed) state.guessed = { ...state.guessed, tokens }
        return tokens
      })
    },
    record: (rowsByStream, durationMs) => {
      const passes = stepPasses(rowsByStream, ownCells())
      const [only] = passes
      if (only !== undefined && passes.length === 1) {
        costs.record(only, durationMs)
        return
      }
      const expected = costOf(rowsByStream)
      // Several passes share the time as they were expected to.
      for (const rows of passes) costs.record(rows, (durationMs * costs.ms(rows)) / expected)
    },
  }
}

/** Compares the last guess with what came. Nothing came: the step did not go well, and says nothing. */
function learn(state: StreamState, tokens: readonly number[]): void {
  const { guessed } = state
  state.guessed = null
  if (guessed === null || tokens.length <= guessed.from) return
  const wrong = guessed.tokens.findIndex((token, place) => tokens[guessed.from + place] !== token)
  const hits = wrong < 0 ? guessed.tokens.length : wrong
  state.rates.record(guessed.matchLength, { hits, tries: wrong < 0 ? hits : hits + 1 })
}
