// How fast a machine computes with each type of weights, as the engine has measured it, and what that says of a file.

export interface KernelSpeed {
  /** Weights that one row of a prompt step is multiplied with, times the rows, a second, by one thread. */
  readonly prefillWeightsPerSecond: number
  /** The same where one token is computed at a time, from weights that fit in the processor's caches. */
  readonly decodeWeightsPerSecond: number
}

export interface KernelSpeeds {
  readonly libraryVersion: string
  /** By the name of the ggml type. */
  readonly types: Readonly<Record<string, KernelSpeed>>
}

/** How many times as fast a file of the one type is as one of the other. */
export interface SpeedGain {
  readonly prefill: number
  readonly decode: number
}

/** Undefined where one of them was not measured. */
export function gainOf(speeds: KernelSpeeds, from: string, to: string): SpeedGain | undefined {
  const before = speeds.types[from]
  const after = speeds.types[to]
  if (before === undefined || after === undefined) return undefined
  return {
    prefill: after.prefillWeightsPerSecond / before.prefillWeightsPerSecond,
    decode: after.decodeWeightsPerSecond / before.decodeWeightsPerSecond,
  }
}

/** A copy is offered from this gain on: less is not felt, and costs its place on the disk. */
const WORTHWHILE_GAIN = 1.3
/** What a file may lose where the other side wins: reading a prompt faster is no gain when writing gets slow. */
const LEAST_OTHER_SIDE = 0.9
/** Conversions that are nearly without loss: each value of the first type has one close to it in the second. */
const GOOD_TARGETS: Readonly<Record<string, string>> = Object.freeze({
  Q4_1: "Q8_0",
  Q5_0: "Q8_0",
  Q5_1: "Q8_0",
  F16: "Q8_0",
})

export interface CopyAdvice extends SpeedGain {
  readonly from: string
  readonly to: string
}

/** The copy that this machine would read clearly faster, undefined when there is none worth its place. */
export function adviseCopy(speeds: KernelSpeeds, type: string): CopyAdvice | undefined {
  const to = GOOD_TARGETS[type]
  const gain = to === undefined ? undefined : gainOf(speeds, type, to)
  if (to === undefined || gain === undefined) return undefined
  const best = Math.max(gain.prefill, gain.decode)
  const worst = Math.min(gain.prefill, gain.decode)
  return best > WORTHWHILE_GAIN && worst >= LEAST_OTHER_SIDE ? { from: type, to, ...gain } : undefined
}
