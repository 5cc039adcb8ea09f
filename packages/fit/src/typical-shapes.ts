// Shapes of common open models, by size: what a catalogue entry without a header is judged by. Data only.
// Sources: the published `config.json` of SmolLM2 135M/360M/1.7B, Qwen2.5 0.5B/14B/32B/72B, Llama 3.2 1B/3B, Qwen3 4B, Llama 3.1 8B.

export interface TypicalShape {
  readonly parameters: number
  readonly layers: number
  readonly embeddingLength: number
  readonly heads: number
  readonly kvHeads: number
  readonly headLength: number
  readonly feedForwardLength: number
  readonly vocabularySize: number
}

/** In the order of the fields above. Rising by parameters. */
const ROWS: readonly (readonly [number, number, number, number, number, number, number, number])[] = [
  [134_515_008, 30, 576, 9, 3, 64, 1_536, 49_152],
  [361_821_120, 32, 960, 15, 5, 64, 2_560, 49_152],
  [494_032_768, 24, 896, 14, 2, 64, 4_864, 151_936],
  [1_235_814_400, 16, 2_048, 32, 8, 64, 8_192, 128_256],
  [1_711_376_384, 24, 2_048, 32, 32, 64, 8_192, 49_152],
  [3_212_749_824, 28, 3_072, 24, 8, 128, 8_192, 151_936],
  [4_022_468_096, 36, 2_560, 32, 8, 128, 9_728, 151_936],
  [8_030_261_248, 32, 4_096, 32, 8, 128, 14_336, 128_256],
  [14_770_033_664, 48, 5_120, 40, 8, 128, 13_824, 152_064],
  [32_763_876_352, 64, 5_120, 40, 8, 128, 27_648, 152_064],
  [72_706_203_648, 80, 8_192, 64, 8, 128, 29_568, 152_064],
]

export const TYPICAL_SHAPES: readonly TypicalShape[] = ROWS.map(
  ([parameters, layers, embeddingLength, heads, kvHeads, headLength, feedForwardLength, vocabularySize]) => ({
    parameters,
    layers,
    embeddingLength,
    heads,
    kvHeads,
    headLength,
    feedForwardLength,
    vocabularySize,
  }),
)
