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
  /** Expressions within expressions, those of macros that call each other too. */
  expressionDepth: 1_000,
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
  /** Prompts of one completion request; as many as may be answered at once run at once, the others after them. */
  completionPrompts: 64,
  /** Tokens of one answer that each come with their text. */
  tokenPieces: 4_096,
  /** Pieces of other files that come with a gap to fill. */
  infillExtras: 256,
  adapters: 8,
  /** Text handed to the tokeniser: at most this many bytes for each token of context … */
  promptBytesPerContextToken: 32,
  /** … but always so many, about a second's work: a refusal then says how many tokens the text has. */
  countedPromptBytes: MIB,
  tokenizeChunkBytes: 32 * KIB,
})

export const CHILD_LIMITS = Object.freeze({
  /** One message of a child; a chat template (1 MiB, two bytes a letter at worst) travels in one. */
  frameBytes: 4 * MIB,
  /** … while an answer is waited for: embeddings, tokens of a long text. */
  answerFrameBytes: 64 * MIB,
  /** Of that, one batch of embeddings. */
  embeddingBytes: 16 * MIB,
  heartbeatMs: 2_000,
  hangMs: 10_000,
  crashWindowMs: 5 * 60_000,
  crashesBeforeQuarantine: 3,
  restartBackoffMs: [500, 1_000, 2_000, 5_000] as readonly number[],
  streams: 64,
})

/** A computed prefix in a file. */
export const KV_FILE_LIMITS = Object.freeze({
  descriptionBytes: 64 * KIB,
  tokens: 4 * MIB,
  /** Written and checked in one go, within `CHILD_LIMITS.hangMs`. */
  stateBytes: GIB,
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
  /** A blob that no name stands for: uploaded for a `create` that has not come. */
  unusedBlobMaxAgeMs: 24 * 3_600_000,
  /** A removal can be taken back so long. */
  removedModelMaxAgeMs: 24 * 3_600_000,
})

export const NAME_LIMITS = Object.freeze({ partLength: 80, referenceLength: 512 })

/** One request and its connection. Node's own defaults (60 s for headers, 300 s for a request, no cap) are too kind. */
export const HTTP_LIMITS = Object.freeze({
  headerBytes: 16 * KIB,
  headerCount: 100,
  headersMs: 10_000,
  /** A body that is not whole by then is given up. */
  bodyMs: 60_000,
  /** A body that has brought less than `slowBodyBytes` by then is given up too. */
  slowBodyMs: 10_000,
  slowBodyBytes: 10 * KIB,
  keepAliveMs: 72_000,
  connections: 512,
  /** For each address but loopback. */
  connectionsPerAddress: 32,
  urlBytes: 8 * KIB,
  /** Chat and everything that is not named here. */
  bodyBytes: 8 * MIB,
  embedBodyBytes: 4 * MIB,
  smallBodyBytes: 64 * KIB,
  /** A blob that a client uploads; streamed to the disk. */
  blobBytes: 64 * GIB,
  jsonDepth: 64,
  jsonKeys: 10_000,
  /** Commas, objects and arrays: what a parser makes and a schema would walk over one by one. */
  jsonValues: 262_144,
  /** Bytes written to a stream and not yet taken by its reader, before generation pauses. */
  streamBufferBytes: 256 * KIB,
  /** A reader that takes nothing for this long has left. */
  slowReaderMs: 60_000,
  /** Something is written to a waiting stream at least this often. */
  streamHeartbeatMs: 10_000,
  /** After the first signal, running answers have this long to finish. */
  gracefulStopMs: 10_000,
})

/** What a client takes from a server. */
export const CLIENT_LIMITS = Object.freeze({
  /** UTF-16 code units of one event of a stream. */
  eventCharacters: 16 * MIB,
  /** An answer in one piece. */
  answerBytes: 512 * MIB,
  connectMs: 1_000,
})

/** Requests that wait for a turn. */
export const QUEUE_LIMITS = Object.freeze({
  length: 64,
  parallel: 256,
  waitMs: 10 * 60_000,
  /** Share of the queue that one key may fill while others wait too. */
  shareOfOneOwner: 0.5,
  /** Tokens that a key's turn is worth in the deficit round-robin. */
  quantumTokens: 512,
})

export const KEY_LIMITS = Object.freeze({
  secretBytes: 32,
  nameLength: 80,
  keys: 1_000,
  models: 100,
  requestsPerMinute: 1_000_000,
  tokensPerDay: 1_000_000_000_000,
  /** Wrong keys from one address in a minute before it has to wait. */
  wrongKeysPerMinute: 20,
})

export const CONVERSATION_LIMITS = Object.freeze({
  titleLength: 200,
  messages: 10_000,
  messageBytes: 8 * MIB,
  pageSize: 200,
  folderLength: 80,
  tags: 20,
  tagLength: 40,
  idLength: 64,
  /** What lies longer in the trash is deleted for ever. */
  trashAgeMs: 30 * 24 * 3_600_000,
  searchCharacters: 400,
  searchWords: 16,
  searchHits: 100,
  /** A file of another program's conversations. It is read piece by piece; a larger one is split by whoever sends it. */
  importBytes: 512 * MIB,
  /** One conversation of it: as text, and its nesting. */
  importConversationBytes: 32 * MIB,
  importDepth: 64,
  importConversations: 100_000,
  /** Conversations that an import names among those it left out. */
  skippedNamed: 100,
  /** Removals that a device which was away can still be told. */
  removalsKept: 10_000,
  /** Of a title that the model writes. */
  titleTokens: 24,
  titleWords: 6,
  /** Of a summary that stands for older turns. */
  summaryTokens: 320,
  /** Stored answers of the stateful API: how many for each owner, and for how long. */
  responses: 1_000,
  responseAgeMs: 30 * 24 * 3_600_000,
})

/** Of each owner. `textLength` in UTF-16 code units. */
export const PROMPT_LIMITS = Object.freeze({ prompts: 1_000, nameLength: 80, textLength: 64 * KIB })

export const MODELFILE_LIMITS = Object.freeze({ bytes: 4 * MIB, lines: 20_000, adapters: 8, messages: 1_000 })

export const RERANK_LIMITS = Object.freeze({ documents: 1_000 })

/** Answers to one prompt (`n`). */
export const CHOICES_LIMIT = 8

export const BENCH_LIMITS = Object.freeze({
  rounds: 50,
  /** Runs that are kept. */
  runs: 1_000,
})
