// What the machine allows at most, from what was measured: a decode step takes at least max((W + n·c·k) / B, n / P).
//   W weight bytes that a token reads · n streams · c tokens of context · k bytes of keys and values a token
//   B bytes a second from main memory · P prompt tokens a second of the engine's own loop, which stands for the arithmetic:
//   a prompt's tokens share the reading of weights, so what remains of their cost is the kernels' arithmetic.
import type { BenchLimit } from "@fireside/protocol"

export interface LimitQuestion {
  readonly bandwidth: BenchLimit["memoryBytesPerSecond"]
  /** W */
  readonly weightsBytes: number
  /** k */
  readonly kvBytesPerToken: number
  /** c, of the measured answers. */
  readonly contextTokens: number
  /** n of the crowd. */
  readonly streams: number
  /** P; null: not known, and arithmetic is left out. */
  readonly prefillTokensPerSecond: number | null
  readonly measured: {
    readonly decodeTokensPerSecond: number
    readonly kernelDecodeTokensPerSecond: number | null
  }
}

export function physicalLimit(question: LimitQuestion): BenchLimit {
  const { bandwidth, weightsBytes, kvBytesPerToken, contextTokens, streams, measured } = question
  const bytesPerSecond = Math.max(bandwidth.oneThread, bandwidth.allThreads)
  const kvBytes = kvBytesPerToken * contextTokens
  const memorySeconds = (count: number) => (weightsBytes + count * kvBytes) / bytesPerSecond
  const arithmeticSeconds = (count: number) =>
    question.prefillTokensPerSecond === null ? 0 : count / question.prefillTokensPerSecond
  const stepSeconds = (count: number) => Math.max(memorySeconds(count), arithmeticSeconds(count))
  const decode = measured.decodeTokensPerSecond
  const kernel = measured.kernelDecodeTokensPerSecond
  return {
    memoryBytesPerSecond: bandwidth,
    weightsBytes,
    kvBytes,
    boundBy: memorySeconds(1) >= arithmeticSeconds(1) ? "memory" : "arithmetic",
    decodeTokensPerSecond: 1 / stepSeconds(1),
    crowdTokensPerSecond: streams > 1 ? streams / stepSeconds(streams) : null,
    shareOfMemory: decode * (weightsBytes / bytesPerSecond),
    shareOfLimit: decode * stepSeconds(1),
    shareOfKernel: kernel === null || kernel <= 0 ? null : decode / kernel,
  }
}
