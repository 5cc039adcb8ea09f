// Shapes and machines for tests: published shapes of real models, and machines of common sizes.
import type { HardwareFacts } from "@fireside/protocol"
import type { ModelShape } from "./model-shape.ts"

const GIB = 1024 ** 3

/** A machine with two cores, 24 GiB and AVX-512 unless said otherwise. */
export function machine(changes: Partial<HardwareFacts> = {}): HardwareFacts {
  return {
    platform: "linux",
    arch: "x64",
    cpuModel: "test processor",
    cpuFeatures: ["avx2", "avx512f", "avx512_vnni"],
    usableCpus: [0, 1],
    physicalCores: 2,
    totalMemoryBytes: 24 * GIB,
    availableMemoryBytes: 22 * GIB,
    memoryLimitBytes: 24 * GIB,
    diskFreeBytes: 200 * GIB,
    diskTotalBytes: 400 * GIB,
    onBattery: null,
    devices: [],
    ...changes,
  }
}

export interface ShapeSketch {
  readonly layers: number
  readonly embeddingLength: number
  readonly heads: number
  readonly kvHeads: number
  readonly headLength: number
  readonly feedForwardLength: number
  readonly vocabularySize: number
  readonly trainedContextLength: number
  readonly slidingWindow?: number
  readonly experts?: number
  readonly expertsUsed?: number
  readonly expertFeedForwardLength?: number
}

/** A shape with weights of one type; `bits` of a weight default to those of Q8_0. */
export function shapeOf(sketch: ShapeSketch, type = "Q8_0", bits = 8.5): ModelShape {
  const width = sketch.heads * sketch.headLength
  const keyWidth = sketch.kvHeads * sketch.headLength
  const attention = sketch.embeddingLength * (2 * width + 2 * keyWidth)
  const feedForward =
    3 *
    sketch.embeddingLength *
    (sketch.experts ? sketch.experts * (sketch.expertFeedForwardLength ?? 0) : sketch.feedForwardLength)
  const table = sketch.vocabularySize * sketch.embeddingLength
  const matrices = sketch.layers * (attention + feedForward)
  const parameters = matrices + table
  return {
    architecture: "llama",
    layers: sketch.layers,
    embeddingLength: sketch.embeddingLength,
    vocabularySize: sketch.vocabularySize,
    trainedContextLength: sketch.trainedContextLength,
    heads: sketch.heads,
    kvHeads: Array.from({ length: sketch.layers }, () => sketch.kvHeads),
    keyLength: sketch.headLength,
    valueLength: sketch.headLength,
    feedForwardLength: sketch.feedForwardLength,
    experts: sketch.experts ?? 0,
    expertsUsed: sketch.expertsUsed ?? 0,
    expertFeedForwardLength: sketch.expertFeedForwardLength ?? 0,
    slidingWindow: sketch.slidingWindow ?? 0,
    hasTwoRopes: false,
    recurrentBytes: 0,
    parameters,
    activeParameters: parameters,
    activeBytes: Math.ceil((parameters * bits) / 8),
    weightsBytes: Math.ceil((parameters * bits) / 8),
    matrixBytes: { [type]: Math.ceil((matrices * bits) / 8) },
    tiedBytes: Math.ceil((table * bits) / 8),
    tiedType: type,
  }
}

/** From the published configurations; numbers in the order of `ShapeSketch`. */
export const SKETCHES = Object.freeze({
  smollm2: sketch(30, 576, 9, 3, 64, 1_536, 49_152, 8_192),
  qwen05: sketch(24, 896, 14, 2, 64, 4_864, 151_936, 32_768),
  llama1b: sketch(16, 2_048, 32, 8, 64, 8_192, 128_256, 131_072),
  qwen3of4b: sketch(36, 2_560, 32, 8, 128, 9_728, 151_936, 40_960),
  llama8b: sketch(32, 4_096, 32, 8, 128, 14_336, 128_256, 131_072),
  llama7bOld: sketch(32, 4_096, 32, 32, 128, 11_008, 32_000, 4_096),
  gemma3of4b: { ...sketch(34, 2_560, 8, 4, 256, 10_240, 262_208, 131_072), slidingWindow: 1_024 },
  gemma3of27b: { ...sketch(62, 5_376, 32, 16, 128, 21_504, 262_208, 131_072), slidingWindow: 1_024 },
  qwen32b: sketch(64, 5_120, 40, 8, 128, 27_648, 152_064, 32_768),
  mixtral: {
    ...sketch(32, 4_096, 32, 8, 128, 14_336, 32_000, 32_768),
    experts: 8,
    expertsUsed: 2,
    expertFeedForwardLength: 14_336,
  },
  qwen3moe: {
    ...sketch(48, 2_048, 32, 4, 128, 6_144, 151_936, 40_960),
    experts: 128,
    expertsUsed: 8,
    expertFeedForwardLength: 768,
  },
})

function sketch(
  ...of: readonly [number, number, number, number, number, number, number, number]
): ShapeSketch {
  const [
    layers,
    embeddingLength,
    heads,
    kvHeads,
    headLength,
    feedForwardLength,
    vocabularySize,
    trainedContextLength,
  ] = of
  return {
    layers,
    embeddingLength,
    heads,
    kvHeads,
    headLength,
    feedForwardLength,
    vocabularySize,
    trainedContextLength,
  }
}
