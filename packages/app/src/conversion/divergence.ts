// How differently two files of one model speak: the Kullback–Leibler divergence of their next tokens over a given text.
import type { TokenScores } from "@fireside/engine"

export interface Divergence {
  /**
   * Nats a token, the mean over the text. Of the tokens beyond those handed out only the sum is known: they count as one, which gives at
   * most the true value, and in a model's own language nearly that.
   */
  readonly kl: number
  /** Positions at which both find the same token likeliest, of all, 0…1. */
  readonly sameTop: number
}

/** `copy` must be scored at the ids of `original`. */
export function divergenceOf(original: TokenScores, copy: TokenScores): Divergence {
  const { kept } = original
  const positions = original.ids.length / kept
  let kl = 0
  let same = 0
  for (let position = 0; position < positions; position++) {
    const first = position * kept
    const p = original.logProbabilities.subarray(first, first + kept)
    const q = copy.logProbabilities.subarray(first, first + kept)
    kl += divergenceAt(p, q)
    if (q.every((value) => value <= (q[0] ?? 0))) same += 1
  }
  return { kl: kl / positions, sameTop: same / positions }
}

/** Below this a float's rounding is all that is left. */
const LEAST_MASS = 1e-7

function divergenceAt(p: Float32Array, q: Float32Array): number {
  let sum = 0
  let massOfP = 0
  let massOfQ = 0
  for (const [index, logP] of p.entries()) {
    const probability = Math.exp(logP)
    const logQ = q[index] ?? Number.NEGATIVE_INFINITY
    massOfP += probability
    massOfQ += Math.exp(logQ)
    if (probability > 0) sum += probability * (logP - logQ)
  }
  const restOfP = 1 - massOfP
  if (restOfP > LEAST_MASS) sum += restOfP * Math.log(restOfP / Math.max(1 - massOfQ, LEAST_MASS))
  // Rounding may leave a touch less than nothing.
  return Math.max(sum, 0)
}
