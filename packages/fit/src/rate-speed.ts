// How fast a model may be on a machine, before anything was measured there: good enough to propose or to warn.
// Estimates are within a factor of about two; what the machine really does is in the timings of its own answers.
import type { HardwareFacts } from "@fireside/protocol"
import { chooseThreads } from "./choose-threads.ts"
import { describeBytes } from "./describe-bytes.ts"
import type { KernelSpeeds } from "./kernel-speeds.ts"
import type { ModelShape } from "./model-shape.ts"
import { planLoad } from "./plan-load.ts"

export type SpeedLabel = "fits" | "slow" | "will not fit"

export interface SpeedRating {
  readonly label: SpeedLabel
  /** Tokens a second that one stream gets. 0 when the model does not fit. */
  readonly decodeTokensPerSecond: number
  /** Prompt tokens a second. 0 when the model does not fit. */
  readonly prefillTokensPerSecond: number
  /** Main memory that the default plan takes. */
  readonly memoryBytes: number
  /** Main memory that a model may take here. */
  readonly budgetBytes: number
  /** Why, each a sentence with its numbers. */
  readonly reasons: readonly string[]
}

/** Slower than this and reading waits for the model: people read 4–5 words a second, about 6 tokens. */
const READING_TOKENS_PER_SECOND = 6
/** A page (700 tokens) of prompt in under half a minute. */
const PREFILL_TOKENS_PER_SECOND = 25

/** What a machine's memory and cores give, where it was measured. */
export interface MeasuredMachine {
  readonly memoryBytesPerSecond: number
  readonly coreFlopsPerSecond: number
}

const GIGA = 1e9

/**
 * Sustained multiply-adds × 2 a second of one core in a prompt step, by weight type, with AVX-512. Measured with llama-bench
 * (llama.cpp v0.5.0, native build) on one Zen 5 vCPU: Llama-3.2-1B shape, 128 tokens, one thread; Q4_1 with SmolLM2-135M.
 */
const CORE_FLOPS: Readonly<Record<string, number>> = Object.freeze({
  Q4_0: 300 * GIGA,
  Q4_K: 250 * GIGA,
  IQ4_NL: 250 * GIGA,
  MXFP4: 250 * GIGA,
  Q8_0: 145 * GIGA,
  F16: 200 * GIGA,
  BF16: 200 * GIGA,
  Q4_1: 50 * GIGA,
  Q5_0: 50 * GIGA,
  Q5_1: 50 * GIGA,
})
/** Types not in the table. */
const OTHER_CORE_FLOPS = 100 * GIGA
/** What remains of `CORE_FLOPS` with narrower vectors. */
const VECTOR_SHARE = Object.freeze({ avx512: 1, avx2: 0.45, neonDot: 0.45, other: 0.12 })

/** Bytes a second that one core draws while it decodes: 25–35 GB/s on the machine above; laptops draw less. */
const CORE_BANDWIDTH = 20 * GIGA
/** Two channels of DDR4-3200 give 51 GB/s on paper, 40 in practice. Apple's M chips start at 68. */
const MEMORY_BANDWIDTH = Object.freeze({ ordinary: 40 * GIGA, apple: 65 * GIGA, gpu: 150 * GIGA })
const GPU_FLOPS = 4_000 * GIGA
/** Starting and joining the threads of one layer's steps: SmolLM2-135M (30 layers) takes 5.8 ms a token, 2.3 of them memory. */
const LAYER_SECONDS = 0.0001

/**
 * Rates `shape` on `hardware` with the default plan. What was measured replaces the assumptions: `machine` those about memory and cores,
 * `kernels` those about the types of weights.
 */
export function rateSpeed(
  shape: ModelShape,
  hardware: HardwareFacts,
  measured: { readonly machine?: MeasuredMachine; readonly kernels?: KernelSpeeds } = {},
): SpeedRating {
  const verdict = planLoad({ header: shape, hardware, wish: {} })
  if (verdict.type === "refused")
    return {
      label: "will not fit",
      decodeTokensPerSecond: 0,
      prefillTokensPerSecond: 0,
      memoryBytes: verdict.memory.totalBytes,
      budgetBytes: verdict.budgetBytes,
      reasons: [verdict.message],
    }

  const { machine, kernels } = measured
  const onGpu = verdict.plan.gpuLayers === -1
  const { threads } = chooseThreads(hardware, undefined)
  const bandwidth =
    machine?.memoryBytesPerSecond ?? (onGpu ? MEMORY_BANDWIDTH.gpu : bandwidthOf(hardware, threads))
  const flops = machine
    ? machine.coreFlopsPerSecond * threads
    : onGpu
      ? GPU_FLOPS
      : threads * meanFlops(shape, (type) => flopsOf(type, hardware, kernels))
  const overhead = shape.layers * LAYER_SECONDS
  // Memory and arithmetic go on at the same time, and the slower one is waited for.
  const arithmetic = onGpu ? 0 : decodeSeconds(shape, kernels) / threads
  const decode = rate(1 / (Math.max(shape.activeBytes / bandwidth, arithmetic) + overhead))
  // Two operations a weight; the output matrix runs for the last token only.
  const prompt = Math.max(
    shape.activeParameters - shape.vocabularySize * shape.embeddingLength,
    shape.activeParameters / 4,
  )
  const prefill = rate(1 / ((2 * prompt) / flops + overhead / 512))
  const slow = decode < READING_TOKENS_PER_SECOND || prefill < PREFILL_TOKENS_PER_SECOND
  const where = onGpu ? "on the GPU" : `with ${threads} ${threads === 1 ? "thread" : "threads"}`
  const reasons = [
    `It takes ${describeBytes(verdict.plan.memory.totalBytes)} of ${describeBytes(verdict.plan.budgetBytes)} with a context of ${verdict.plan.contextLength} tokens.`,
    `About ${decode} tokens/s ${where}: each token reads ${describeBytes(shape.activeBytes)} at about ${Math.round(bandwidth / GIGA)} GB/s.`,
    `About ${prefill} prompt tokens/s: a page of 700 tokens waits ${seconds(700 / Math.max(prefill, 0.01))}.`,
  ]
  return {
    label: slow ? "slow" : "fits",
    decodeTokensPerSecond: decode,
    prefillTokensPerSecond: prefill,
    memoryBytes: verdict.plan.memory.totalBytes,
    budgetBytes: verdict.plan.budgetBytes,
    reasons,
  }
}

function bandwidthOf(hardware: HardwareFacts, threads: number): number {
  const whole =
    hardware.platform === "darwin" && hardware.arch === "arm64"
      ? MEMORY_BANDWIDTH.apple
      : MEMORY_BANDWIDTH.ordinary
  return Math.min(threads * CORE_BANDWIDTH, whole)
}

function vectorShare(hardware: HardwareFacts): number {
  const has = (feature: string) => hardware.cpuFeatures.includes(feature)
  if (has("avx512f")) return VECTOR_SHARE.avx512
  if (has("avx2")) return VECTOR_SHARE.avx2
  return hardware.arch === "arm64" ? VECTOR_SHARE.neonDot : VECTOR_SHARE.other
}

function flopsOf(type: string, hardware: HardwareFacts, kernels: KernelSpeeds | undefined): number {
  const measured = kernels?.types[type]
  if (measured !== undefined) return 2 * measured.prefillWeightsPerSecond
  return (CORE_FLOPS[type] ?? OTHER_CORE_FLOPS) * vectorShare(hardware)
}

/** Time adds up over the types, so their speeds are averaged as rates of time, weighted by bytes. */
function meanFlops(shape: ModelShape, flopsOfType: (type: string) => number): number {
  const types = Object.entries(shape.matrixBytes).filter(([type]) => type !== "F32")
  const total = types.reduce((sum, [, size]) => sum + size, 0)
  if (total <= 0) return flopsOfType("")
  return 1 / types.reduce((sum, [type, size]) => sum + size / total / flopsOfType(type), 0)
}

/** What one thread computes for a token, beside what it waits for memory; 0 where its types were not measured. */
function decodeSeconds(shape: ModelShape, kernels: KernelSpeeds | undefined): number {
  const types = Object.entries(shape.matrixBytes)
  const total = types.reduce((sum, [, size]) => sum + size, 0)
  return types.reduce((sum, [type, size]) => {
    const speed = kernels?.types[type]?.decodeWeightsPerSecond
    return speed === undefined ? sum : sum + (shape.activeParameters * size) / total / speed
  }, 0)
}

function rate(value: number): number {
  if (!Number.isFinite(value) || value < 0) return 0
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value)
}

function seconds(value: number): string {
  return value < 1 ? "under a second" : `${Math.round(value)} s`
}
