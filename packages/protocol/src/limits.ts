// Every numeric bound on bytes from outside, in one place. Each has a test at n and n+1 beside its user.

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

export const GGUF_LIMITS = Object.freeze({
  versions: [2, 3] as readonly number[],
  metadataCount: 4_096,
  tensorCount: 65_536,
  keyBytes: 65_535,
  stringBytes: 4 * MIB,
  arrayItems: 16_777_216,
  /** Sum of all metadata bytes: the header is held in memory, so it is bounded as a whole. */
  headerBytes: 512 * MIB,
  tensorNameBytes: 63,
  dimensions: 4,
  alignment: 4_096,
  layers: 512,
  heads: 1_024,
  embeddingLength: 1_048_576,
  feedForwardLength: 8_388_608,
  experts: 1_024,
  vocabularySize: 2_000_000,
  contextLength: 268_435_456,
  tokenBytes: 4_096,
  mergeBytes: 8_192,
  chatTemplateBytes: 1 * MIB,
})

export const TEMPLATE_LIMITS = Object.freeze({
  sourceBytes: 1 * MIB,
  outputBytes: 16 * MIB,
  steps: 1_000_000,
  timeMs: 1_000,
  nesting: 200,
})

export const GRAMMAR_LIMITS = Object.freeze({
  gbnfBytes: 64 * KIB,
  gbnfNesting: 200,
  gbnfRules: 2_000,
  gbnfRepetition: 1_000,
  schemaDepth: 32,
  schemaNodes: 5_000,
  schemaEnum: 1_000,
  schemaPatternBytes: 1 * KIB,
})

export const REQUEST_LIMITS = Object.freeze({
  bodyBytes: 8 * MIB,
  messages: 10_000,
  tools: 256,
  stopStrings: 32,
  stopStringBytes: 1 * KIB,
  topLogprobs: 20,
  logitBiasEntries: 4_096,
  embedTexts: 4_096,
  adapters: 8,
  /** Text handed to the tokeniser: at most this many bytes for each token of context. */
  promptBytesPerContextToken: 32,
  tokenizeChunkBytes: 32 * KIB,
})

export const CHILD_LIMITS = Object.freeze({
  frameBytes: 64 * MIB,
  heartbeatMs: 2_000,
  hangMs: 10_000,
  crashWindowMs: 5 * 60_000,
  crashesBeforeQuarantine: 3,
  restartBackoffMs: [500, 1_000, 2_000, 5_000] as readonly number[],
  streams: 64,
})

export const DOWNLOAD_LIMITS = Object.freeze({
  manifestBytes: 4 * MIB,
  redirects: 5,
  connectMs: 10_000,
  firstByteMs: 30_000,
  idleMs: 60_000,
  rangeBytes: 16 * MIB,
  parallelRanges: 4,
  attempts: 5,
  fileBytes: 2_048 * GIB,
  archiveEntries: 10_000,
  archiveBytes: 64 * GIB,
  archiveRatio: 100,
  /** Share of the disk kept free. */
  diskReserveRatio: 0.05,
  diskReserveBytes: 1 * GIB,
  partialMaxAgeMs: 7 * 24 * 3_600_000,
})

export const NAME_LIMITS = Object.freeze({ partLength: 80, referenceLength: 512 })
