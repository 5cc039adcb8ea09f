// What the model itself thought of a token: logarithms of probabilities from raw logits, before any sampling parameter.
import type { TokenLogprob } from "@fireside/protocol"

export interface LogprobOptions {
  readonly token: number
  /** How many of the best tokens to give as well. */
  readonly top: number
  readonly bytesOf: (token: number) => Uint8Array
}

export function tokenLogprob(logits: Float32Array, options: LogprobOptions): TokenLogprob {
  const norm = logOfSum(logits)
  const describe = (token: number) => {
    const bytes = options.bytesOf(token)
    return {
      token: Buffer.from(bytes).toString(),
      bytes: [...bytes],
      logprob: (logits[token] ?? Number.NEGATIVE_INFINITY) - norm,
    }
  }
  return { ...describe(options.token), top: bestTokens(logits, options.top).map(describe) }
}

/** Logarithm of the sum of exponentials, stable for any size of logits. */
export function logOfSum(logits: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY
  for (const logit of logits) if (logit > largest) largest = logit
  let sum = 0
  for (const logit of logits) sum += Math.exp(logit - largest)
  return largest + Math.log(sum)
}

/** Ids of the `count` largest logits, largest first. */
export function bestTokens(logits: Float32Array, count: number): readonly number[] {
  const ids: number[] = []
  if (count <= 0) return ids
  let least = Number.NEGATIVE_INFINITY
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token] ?? Number.NEGATIVE_INFINITY
    if (ids.length === count && logit <= least) continue
    let at = ids.length
    while (at > 0 && (logits[ids[at - 1] ?? 0] ?? 0) < logit) at--
    ids.splice(at, 0, token)
    if (ids.length > count) ids.pop()
    least = logits[ids[ids.length - 1] ?? 0] ?? least
  }
  return ids
}
