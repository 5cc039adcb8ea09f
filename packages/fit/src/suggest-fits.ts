// What would fit in place of a plan that does not. Every suggestion is checked by the arithmetic that refused the plan.
import { CHILD_LIMITS } from "@fireside/protocol"
import { describeBytes } from "./describe-bytes.ts"
import { largestContext, SMALLEST_CONTEXT } from "./largest-context.ts"
import type { LoadPlan, LoadWish } from "./load-plan.ts"
import { canQuantizeKv } from "./memory-need.ts"
import type { ModelShape } from "./model-shape.ts"

export interface Suggestion {
  readonly text: string
  /** What to wish for instead. */
  readonly wish: LoadWish
  /** The shape it is meant for; differs from the refused one where another file is suggested. */
  readonly shape: ModelShape
}

export interface Refused {
  readonly shape: ModelShape
  readonly wish: LoadWish
  readonly plan: LoadPlan
  /** The judgement that refused the plan. */
  readonly fits: (shape: ModelShape, wish: LoadWish) => boolean
}

/**
 * Ways to make a refused plan fit, least loss first: what was asked for within the model's and the engine's own bounds, a
 * q8_0 cache, a smaller context, fewer streams, both with a q8_0 cache, a smaller file. Empty when only a smaller model helps.
 */
export function suggestFits(refused: Refused): readonly Suggestion[] {
  const { shape, plan } = refused
  const { force: _, ...wish } = refused.wish
  const trained = shape.trainedContextLength > 0 ? shape.trainedContextLength : plan.contextLength
  const contextLength = Math.min(plan.contextLength, trained)
  const streams = Math.min(plan.streams, CHILD_LIMITS.streams)
  const bounded: LoadWish = { ...wish, contextLength, streams }
  const fits = (change: LoadWish, of = shape) => refused.fits(of, { ...bounded, ...change })
  const found: Suggestion[] = []
  const add = (change: LoadWish, of = shape, name?: string) => {
    const asked = { ...bounded, ...change }
    found.push({ text: name ?? describe(asked, plan), wish: asked, shape: of })
  }

  if (fits({})) {
    add({})
    return found
  }
  const quantizable = plan.kvType !== "q8_0" && canQuantizeKv(shape)
  if (quantizable && fits({ kvType: "q8_0" })) add({ kvType: "q8_0" })
  const shorter = largestContext(contextLength, (length) => fits({ contextLength: length }))
  if (shorter >= SMALLEST_CONTEXT) add({ contextLength: shorter })
  const fewer = largestBelow(streams, (count) => fits({ streams: count }))
  if (fewer >= 1) add({ streams: fewer })
  if (found.length === 0) {
    const small: LoadWish = quantizable ? { streams: 1, kvType: "q8_0" } : { streams: 1 }
    const length = largestContext(contextLength, (tokens) => fits({ ...small, contextLength: tokens }))
    if (length >= SMALLEST_CONTEXT) add({ ...small, contextLength: length })
  }
  const file = largestFile(shape, (lighter) => fits({}, lighter))
  if (file !== undefined)
    add({}, file.shape, `a ${file.name} file of this model (about ${describeBytes(file.shape.weightsBytes)})`)
  return found
}

interface FileKind {
  readonly name: string
  /** Of a weight, with the larger types that some matrices have in such files. */
  readonly bits: number
  /** The type of most matrices, and of an embedding table that is the output matrix too. */
  readonly type: string
  readonly tiedType: string
}

/** Falling by size. Bits as `llama-quantize` prints them for models of 1B…8B. */
const FILE_KINDS: readonly FileKind[] = [
  { name: "Q8_0", bits: 8.5, type: "Q8_0", tiedType: "Q8_0" },
  { name: "Q6_K", bits: 6.6, type: "Q6_K", tiedType: "Q6_K" },
  { name: "Q5_K_M", bits: 5.7, type: "Q5_K", tiedType: "Q6_K" },
  { name: "Q4_K_M", bits: 4.9, type: "Q4_K", tiedType: "Q6_K" },
  { name: "Q3_K_M", bits: 4, type: "Q3_K", tiedType: "Q6_K" },
  { name: "Q2_K", bits: 3.2, type: "Q2_K", tiedType: "Q6_K" },
]

/** A gain under this is not worth another download. */
const SMALLER_FILE_RATIO = 0.92

function largestFile(shape: ModelShape, fits: (lighter: ModelShape) => boolean) {
  for (const kind of FILE_KINDS) {
    const weightsBytes = Math.ceil((shape.parameters * kind.bits) / 8)
    if (weightsBytes <= 0 || weightsBytes > shape.weightsBytes * SMALLER_FILE_RATIO) continue
    const scale = weightsBytes / shape.weightsBytes
    const lighter: ModelShape = {
      ...shape,
      weightsBytes,
      activeBytes: Math.ceil(shape.activeBytes * scale),
      matrixBytes: { [kind.type]: weightsBytes },
      tiedBytes: Math.ceil(shape.tiedBytes * scale),
      tiedType: kind.tiedType,
    }
    if (fits(lighter)) return { name: kind.name, shape: lighter }
  }
  return undefined
}

function largestBelow(most: number, fits: (count: number) => boolean): number {
  for (let count = most - 1; count >= 1; count--) if (fits(count)) return count
  return 0
}

function describe(wish: LoadWish, plan: LoadPlan): string {
  const streams = wish.streams ?? 1
  const context = `a context of ${wish.contextLength ?? plan.contextLength} tokens`
  const each = streams > 1 ? ` for each of ${streams} streams` : plan.streams > 1 ? " for one stream" : ""
  return `${context}${each}${wish.kvType === "q8_0" ? " with a q8_0 cache" : ""}`
}
