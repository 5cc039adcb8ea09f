// From logits to a token: a chain of the library's samplers, with an optional grammar in front of it.

import { AppError, SAMPLING_DEFAULTS, type SamplingOptions } from "@fireside/protocol"
import koffi from "koffi"
import type { SamplerPointer } from "./abi.ts"
import { argmax } from "./argmax.ts"
import type { NativeContext } from "./context.ts"
import type { NativeLibrary } from "./library.ts"
import type { NativeModel } from "./model.ts"

/** llama_token_data: int32 id, float logit, float probability. */
const CANDIDATE_BYTES = 12
/** llama_token_data_array: pointer, size, int64 selected, bool sorted. */
const ARRAY_BYTES = 32

export interface SamplerOptions {
  readonly sampling: SamplingOptions
  /** Used when `sampling` has no seed. */
  readonly seed: number
  /** GBNF that has passed our own limits. */
  readonly grammar?: string
  /** Stands for "the whole context" in look-back lengths. */
  readonly contextLength: number
}

export interface TokenSampler extends Disposable {
  /** How many tokens before the first one it wants to see through `observe`. */
  readonly lookBack: number
  /** Tells penalties about a token of the prompt. */
  observe(token: number): void
  /** The next token from a row's logits, already accepted. Null: the grammar allows nothing any more. */
  sample(context: NativeContext, row: number): number | null
}

/** Memory for one pass over the vocabulary; one for all streams, since they sample in turn. */
export interface CandidateBuffer {
  readonly array: Uint8Array
  fill(logits: Float32Array): void
  fillOne(token: number): void
  /** Id of the token that a sampler chose; −1: none. */
  selected(): number
  /** Is any candidate left with a finite logit? */
  anyAllowed(): boolean
  /** Did a grammar leave the only candidate in? */
  firstAllowed(): boolean
}

export function createCandidateBuffer(vocabularySize: number): CandidateBuffer {
  const memory = new ArrayBuffer(vocabularySize * CANDIDATE_BYTES)
  const ids = new Int32Array(memory)
  const floats = new Float32Array(memory)
  const array = new Uint8Array(ARRAY_BYTES)
  const header = new DataView(array.buffer)
  const address = koffi.address(memory)
  let count = 0
  const reset = (size: number) => {
    count = size
    // Samplers may have changed every field, also the pointer.
    header.setBigUint64(0, address, true)
    header.setBigUint64(8, BigInt(size), true)
    header.setBigInt64(16, -1n, true)
    header.setUint8(24, 0)
  }
  return {
    array,
    fill: (logits) => {
      for (let token = 0, at = 0; token < vocabularySize; token++, at += 3) {
        ids[at] = token
        floats[at + 1] = logits[token] ?? Number.NEGATIVE_INFINITY
        floats[at + 2] = 0
      }
      reset(vocabularySize)
    },
    fillOne: (token) => {
      ids[0] = token
      floats[1] = 1
      floats[2] = 0
      reset(1)
    },
    selected: () => {
      const index = Number(header.getBigInt64(16, true))
      if (index < 0) return -1
      const data = header.getBigUint64(0, true)
      return data === address
        ? (ids[index * 3] ?? -1)
        : koffi.decode.int32(data + BigInt(index * CANDIDATE_BYTES))
    },
    anyAllowed: () => {
      for (let index = 0, at = 1; index < count; index++, at += 3)
        if (floats[at] !== Number.NEGATIVE_INFINITY) return true
      return false
    },
    firstAllowed: () => floats[1] !== Number.NEGATIVE_INFINITY,
  }
}

/** Throws `bad-grammar` and `bad-request`. */
export function createSampler(
  library: NativeLibrary,
  model: NativeModel,
  candidates: CandidateBuffer,
  options: SamplerOptions,
): TokenSampler {
  const { functions } = library
  // First whatever can be refused: what is made after it would be lost.
  requireKnownTokens(model, options.sampling)
  const grammar = options.grammar === undefined ? null : createGrammar(library, model, options.grammar)
  const { chain, lookBack, isPlainGreedy } = createChain(library, model, options)
  const pick = (): number => {
    functions.llama_sampler_apply(chain, candidates.array)
    const token = candidates.selected()
    if (token < 0) throw new Error("the samplers chose no token")
    return token
  }
  const allows = (pointer: SamplerPointer, token: number): boolean => {
    candidates.fillOne(token)
    functions.llama_sampler_apply(pointer, candidates.array)
    return candidates.firstAllowed()
  }
  /** Two stages: the token is chosen first and checked alone; the grammar looks at the whole vocabulary only when it is refused. */
  const sampleWith = (pointer: SamplerPointer, logits: Float32Array): number | null => {
    candidates.fill(logits)
    let token = pick()
    if (!allows(pointer, token)) {
      candidates.fill(logits)
      functions.llama_sampler_apply(pointer, candidates.array)
      if (!candidates.anyAllowed()) return null
      token = pick()
      // Accepting what a grammar forbids ends the process, so this is asked even though it should always hold.
      if (!allows(pointer, token)) return null
    }
    functions.llama_sampler_accept(pointer, token)
    functions.llama_sampler_accept(chain, token)
    return token
  }
  return {
    lookBack,
    observe: (token) => functions.llama_sampler_accept(chain, token),
    sample: (context, row) => {
      // Asked for first in all cases: it throws where the library would abort on a row without logits.
      const logits = context.logits(row)
      if (grammar !== null) return sampleWith(grammar, logits)
      return isPlainGreedy ? argmax(logits) : functions.llama_sampler_sample(chain, context.pointer, row)
    },
    [Symbol.dispose]: () => {
      functions.llama_sampler_free(chain)
      if (grammar !== null) functions.llama_sampler_free(grammar)
    },
  }
}

function requireKnownTokens(model: NativeModel, { logitBias = {} }: SamplingOptions): void {
  const unknown = Object.keys(logitBias).find((token) => Number(token) >= model.vocabularySize)
  if (unknown === undefined) return
  throw new AppError("bad-request", {
    message: `logitBias names token ${unknown}; the vocabulary has ${model.vocabularySize} tokens.`,
  })
}

function createGrammar(library: NativeLibrary, model: NativeModel, gbnf: string): SamplerPointer {
  // The library takes an empty text for "no grammar", and stops reading at a zero.
  const isText = gbnf.trim() !== "" && !gbnf.includes("\0")
  const { result, errors } = library.collectErrors(() =>
    isText ? library.functions.llama_sampler_init_grammar(model.vocabulary, gbnf, "root") : null,
  )
  if (result === null)
    throw new AppError("bad-grammar", {
      message: `The grammar cannot be used: ${errors.at(-1) ?? "it does not follow the GBNF syntax, or has no rule `root`"}`,
      hint: "A grammar is a list of rules `name ::= …`, of which one is named `root`.",
    })
  return result
}

function createChain(
  library: NativeLibrary,
  model: NativeModel,
  options: SamplerOptions,
): { chain: SamplerPointer; lookBack: number; isPlainGreedy: boolean } {
  const { functions } = library
  const wish = withDefaults(options.sampling)
  const seed = options.sampling.seed ?? options.seed
  const wholeContext = (length: number) =>
    length < 0 ? options.contextLength : Math.min(length, options.contextLength)
  const chain = functions.llama_sampler_chain_init({ no_perf: true })
  if (chain === null) throw new Error("llama_sampler_chain_init gave nothing")
  const add = (sampler: SamplerPointer) => functions.llama_sampler_chain_add(chain, sampler)
  let lookBack = 0
  let changesLogits = false

  const biases: readonly (readonly [string, number])[] = Object.entries(wish.logitBias)
  if (biases.length > 0) {
    changesLogits = true
    add(createLogitBias(library, model, biases))
  }
  const repeatLastN = wholeContext(wish.repeatLastN)
  if (
    repeatLastN > 0 &&
    (wish.repeatPenalty !== 1 || wish.frequencyPenalty !== 0 || wish.presencePenalty !== 0)
  ) {
    lookBack = repeatLastN
    changesLogits = true
    add(
      functions.llama_sampler_init_penalties(
        model.vocabularySize,
        repeatLastN,
        wish.repeatPenalty,
        wish.frequencyPenalty,
        wish.presencePenalty,
      ),
    )
  }
  const dryLastN = wholeContext(wish.dryPenaltyLastN)
  if (wish.dryMultiplier !== 0 && dryLastN > 0) {
    lookBack = Math.max(lookBack, dryLastN)
    changesLogits = true
    add(createDry(library, model, { ...wish, lastN: dryLastN }))
  }
  if (wish.temperature === 0) {
    add(functions.llama_sampler_init_greedy())
    return { chain, lookBack, isPlainGreedy: !changesLogits }
  }
  const temperature = () =>
    functions.llama_sampler_init_temp_ext(wish.temperature, wish.temperatureRange, wish.temperatureExponent)
  if (wish.mirostat === 2) {
    add(temperature())
    add(functions.llama_sampler_init_mirostat_v2(seed, wish.mirostatTau, wish.mirostatEta))
    return { chain, lookBack, isPlainGreedy: false }
  }
  if (wish.topNSigma >= 0) add(functions.llama_sampler_init_top_n_sigma(wish.topNSigma))
  if (wish.topK > 0) add(functions.llama_sampler_init_top_k(wish.topK))
  if (wish.typicalP < 1) add(functions.llama_sampler_init_typical(wish.typicalP, 1))
  if (wish.topP < 1) add(functions.llama_sampler_init_top_p(wish.topP, 1))
  if (wish.minP > 0) add(functions.llama_sampler_init_min_p(wish.minP, 1))
  if (wish.xtcProbability > 0)
    add(functions.llama_sampler_init_xtc(wish.xtcProbability, wish.xtcThreshold, 1, seed))
  add(temperature())
  add(functions.llama_sampler_init_dist(seed))
  return { chain, lookBack, isPlainGreedy: false }
}

type Wish = {
  readonly [Key in Exclude<keyof SamplingOptions, "seed">]-?: Exclude<SamplingOptions[Key], undefined>
}

function withDefaults(sampling: SamplingOptions): Wish {
  // A field that is there but undefined must not hide its default.
  const given = Object.entries(sampling).filter(([, value]) => value !== undefined)
  // The fields of `SAMPLING_DEFAULTS` are all of them but the seed, and what replaces one has its type.
  return Object.assign({}, SAMPLING_DEFAULTS, Object.fromEntries(given)) as unknown as Wish
}

function createLogitBias(
  library: NativeLibrary,
  model: NativeModel,
  biases: readonly (readonly [string, number])[],
): SamplerPointer {
  const data = new DataView(new ArrayBuffer(biases.length * 8))
  for (const [index, [token, bias]] of biases.entries()) {
    data.setInt32(index * 8, Number(token), true)
    data.setFloat32(index * 8 + 4, bias, true)
  }
  // The library copies the list.
  return library.functions.llama_sampler_init_logit_bias(
    model.vocabularySize,
    biases.length,
    new Uint8Array(data.buffer),
  )
}

interface DryWish {
  readonly dryMultiplier: number
  readonly dryBase: number
  readonly dryAllowedLength: number
  readonly drySequenceBreakers: readonly string[]
  readonly lastN: number
}

function createDry(library: NativeLibrary, model: NativeModel, wish: DryWish): SamplerPointer {
  const breakers = wish.drySequenceBreakers.map((text) => Buffer.from(`${text}\0`))
  const pointers = BigUint64Array.from(
    breakers.length === 0 ? [0n] : breakers.map((text) => koffi.address(text)),
  )
  // The library copies the strings.
  return library.functions.llama_sampler_init_dry(
    model.vocabulary,
    wish.dryMultiplier,
    wish.dryBase,
    wish.dryAllowedLength,
    wish.lastN,
    pointers,
    breakers.length,
  )
}
