// Limits for tests: as small as the tiny models allow, so that a test at a limit needs few bytes.

import type { GgufLimits } from "../gguf-file.ts"

export const TINY_LIMITS: GgufLimits = Object.freeze({
  versions: Object.freeze([2, 3]),
  metadataCount: 64,
  tensorCount: 256,
  keyBytes: 64,
  stringBytes: 8_192,
  arrayItems: 4_096,
  headerBytes: 262_144,
  tensorNameBytes: 63,
  dimensions: 4,
  alignment: 4_096,
  layers: 16,
  heads: 32,
  embeddingLength: 4_096,
  feedForwardLength: 16_384,
  experts: 16,
  vocabularySize: 4_096,
  contextLength: 65_536,
  tokenBytes: 64,
  mergeBytes: 128,
  chatTemplateBytes: 4_096,
})
