// The bodies and answers of the native API under `/api/fireside/v1`, for the server and the client. What has a schema of its own is not repeated.
import { z } from "zod"
import { ChatRequest, Message, ResponseFormat, SamplingOptions } from "./chat-request.ts"
import { ERROR_FIELDS } from "./error-fields.ts"
import { ComputeDevice } from "./hardware-facts.ts"
import { LockState } from "./ledger-entry.ts"
import {
  CONVERSATION_LIMITS,
  MODELFILE_LIMITS,
  NAME_LIMITS,
  REQUEST_LIMITS,
  RERANK_LIMITS,
} from "./limits.ts"
import { Capability, ModelSummary } from "./model-summary.ts"

/** Where all of it is. */
export const NATIVE_PATH = "/api/fireside/v1"

/** Every answer that is no success. */
export const NativeError = z.object({
  error: z.object(ERROR_FIELDS),
  requestId: z.string(),
})
export type NativeError = z.infer<typeof NativeError>

/** What a load should hold; everything left out is chosen. */
export const Wish = z
  .object({
    contextLength: z.int().min(16),
    streams: z.int().min(1).max(256),
    kvType: z.enum(["f16", "bf16", "q8_0"]),
    threads: z.int().min(1).max(1_024),
    /** −1 is all. */
    gpuLayers: z.int().min(-1).max(1_024),
    useMmap: z.boolean(),
    embeddings: z.boolean(),
    /** Streams hold a common beginning once, in place of a copy each. */
    sharesCells: z.boolean(),
    /** The same input gives the same text, whatever is computed beside it; `cannot-be-deterministic` where that cannot be promised. */
    deterministic: z.boolean(),
    /** Load even when the memory plan says no. */
    force: z.boolean(),
  })
  .partial()
export type Wish = z.infer<typeof Wish>

/** How a request is run, beside what it asks. */
const runFields = {
  /** How long the model stays in memory after the last use; negative is for ever, 0 unloads at once. */
  keepAliveMs: z
    .number()
    .max(2 ** 31 - 1)
    .optional(),
  wish: Wish.optional(),
  /** Goes into the `start` event. */
  id: z.string().min(1).max(256).optional(),
  /** Defaults to true. */
  tellInsertedSystem: z.boolean().optional(),
}

const model = z.string().min(1)

export const NativeChat = ChatRequest.extend({
  model,
  ...runFields,
  /**
   * The caller's own id of a chat that leaves nothing: what is computed of it is never written to disk, and goes from memory when the chat is
   * ended (`DELETE /temporary-chats/ID`), at the latest with the model.
   */
  temporary: z.string().min(1).max(CONVERSATION_LIMITS.idLength).optional(),
})
export type NativeChat = z.infer<typeof NativeChat>

export const NativePrompt = z.discriminatedUnion("type", [
  z.object({ type: z.literal("plain"), text: z.string() }),
  z.object({ type: z.literal("rendered"), text: z.string() }),
  z.object({ type: z.literal("tokens"), tokens: z.array(z.int().min(0)) }),
  z.object({ type: z.literal("infill"), prefix: z.string(), suffix: z.string() }),
])
export type NativePrompt = z.infer<typeof NativePrompt>

export const NativeComplete = ChatRequest.pick({
  sampling: true,
  stop: true,
  maxTokens: true,
  contextLength: true,
  responseFormat: true,
  topLogprobs: true,
  speculate: true,
}).extend({ model, prompt: NativePrompt, ...runFields })
export type NativeComplete = z.infer<typeof NativeComplete>

const { keepAliveMs, wish } = runFields

export const NativeLoad = z.object({ model, contextLength: z.int().min(64).optional(), keepAliveMs, wish })
export type NativeLoad = z.infer<typeof NativeLoad>

export const NativeLoaded = z.object({
  facts: z.object({
    name: z.string(),
    architecture: z.string(),
    vocabularySize: z.int(),
    embeddingLength: z.int(),
    trainedContextLength: z.int(),
    contextLength: z.int(),
    streams: z.int(),
    sizeBytes: z.int(),
    hasChatTemplate: z.boolean(),
    canInfill: z.boolean(),
    canEmbed: z.boolean(),
    processor: z.string(),
    devices: z.array(ComputeDevice),
    libraryVersion: z.string(),
    loadMs: z.number(),
    pid: z.int(),
  }),
  loadMs: z.number(),
  notices: z.array(z.string()),
})
export type NativeLoaded = z.infer<typeof NativeLoaded>

const tokens = z.array(z.int().min(0))

export const NativeEmbed = z.object({
  model,
  /** Texts, or the model's own token ids. */
  texts: z
    .array(z.union([z.string(), tokens]))
    .min(1)
    .max(REQUEST_LIMITS.embedTexts),
  keepAliveMs,
  wish,
})
export type NativeEmbed = z.infer<typeof NativeEmbed>

export const NativeEmbedded = z.object({
  model: z.string(),
  vectors: z.array(z.array(z.number())),
  promptTokens: z.int(),
  loadMs: z.number(),
  totalMs: z.number(),
})
export type NativeEmbedded = z.infer<typeof NativeEmbedded>

export const NativeRerank = z.object({
  model,
  query: z.string(),
  documents: z.array(z.string()).min(1).max(RERANK_LIMITS.documents),
  keepAliveMs,
  wish,
})
export type NativeRerank = z.infer<typeof NativeRerank>

export const NativeReranked = z.object({
  model: z.string(),
  scores: z.array(z.number()),
  promptTokens: z.int(),
  totalMs: z.number(),
})
export type NativeReranked = z.infer<typeof NativeReranked>

export const NativeTokenize = z.object({
  model,
  text: z.string(),
  special: z.boolean().optional(),
  addBos: z.boolean().optional(),
})
export type NativeTokenize = z.infer<typeof NativeTokenize>
export const NativeTokens = z.object({ tokens })

export const NativeDetokenize = z.object({ model, tokens })
export type NativeDetokenize = z.infer<typeof NativeDetokenize>
export const NativeText = z.object({ text: z.string() })

/** Who put a token into a rendered chat. `template` is also what joins the messages, and control tokens. */
export const TokenKind = z.enum(["template", "system", "user", "assistant", "tool"])
export type TokenKind = z.infer<typeof TokenKind>

export const NativeRendered = z.object({
  text: z.string(),
  tokens,
  /** For each token. */
  kinds: z.array(TokenKind),
  /** For each token, where in `text` it ends: UTF-16 code units. One that ends within a character ends with it. */
  ends: z.array(z.int().min(0)),
  /** For each token: did the template (true) or the user's text (false) put it there? */
  fromTemplate: z.array(z.boolean()),
  contextLength: z.int(),
})
export type NativeRendered = z.infer<typeof NativeRendered>

/** A body that only names a model. */
export const NamedModel = z.object({ model })
/** Null: the model's template inserts none. */
export const InsertedSystemText = z.object({ system: z.string().nullable() })

/** How many loaded copies ended. */
export const Stopped = z.object({ stopped: z.int().min(0) })

export const ModelDetails = ModelSummary.extend({
  template: z.string(),
  system: z.string(),
  sampling: SamplingOptions,
  stop: z.array(z.string()),
  capabilities: z.array(Capability),
  /** Header of the file; long arrays are given by their length only. */
  metadata: z.record(z.string(), z.unknown()),
  licenceText: z.string(),
  /** Can it be loaded in deterministic mode, as far as its file says? */
  deterministic: z.discriminatedUnion("possible", [
    z.object({ possible: z.literal(true) }),
    z.object({ possible: z.literal(false), why: z.string(), hint: z.string() }),
  ]),
  /** What this machine would be faster with, in a sentence. */
  advice: z.string().optional(),
})
export type ModelDetails = z.infer<typeof ModelDetails>

const reference = z.string().min(1).max(NAME_LIMITS.referenceLength)

/** How a pull goes on that failed or was stopped. Without a limit that of the settings holds. */
export const ResumedPull = z.object({ limitBytesPerSecond: z.int().min(1_024).optional() })
export type ResumedPull = z.infer<typeof ResumedPull>

const NewPull = z.object({
  reference,
  acceptLicence: z.boolean().optional(),
  ...ResumedPull.shape,
})

const NewModel = z.object({
  name: reference,
  /** A model, or `blob:sha256-…`. Paths of files are taken from the owner of the machine only. */
  from: z.string().min(1),
  template: z.string().optional(),
  system: z.string().optional(),
  sampling: SamplingOptions.optional(),
  stop: z
    .array(z.string().min(1).max(REQUEST_LIMITS.stopStringBytes))
    .max(REQUEST_LIMITS.stopStrings)
    .optional(),
  contextLength: z.int().min(64).optional(),
  maxTokens: z.int().min(0).optional(),
  messages: z.array(Message).max(MODELFILE_LIMITS.messages).optional(),
  licences: z.array(z.string()).max(100).optional(),
  adapters: z.array(z.string().min(1)).max(MODELFILE_LIMITS.adapters).optional(),
})

const NewCopy = z.object({
  model: reference,
  /** The type of its weights: `q8_0`, `q5_1`, `q5_0`, `q4_1`, `q4_0`, `f16`, `bf16`. */
  to: z.string().min(1).max(20),
  /** Left out: the copy takes the model's name, and the original is kept beside it. */
  name: reference.optional(),
  /** Keep a copy that is worse or no faster. */
  force: z.boolean().optional(),
})

/** Work that goes on without its reader. `pull`, `create` or `convert` belongs to the type of that name. */
export const NewJob = z.object({
  type: z.enum(["pull", "create", "convert"]),
  pull: NewPull.optional(),
  create: NewModel.optional(),
  convert: NewCopy.optional(),
})
export type NewJob = z.infer<typeof NewJob>

/** A turn of a stored conversation: its own model, system text and sampling are the defaults. */
export const NativeTurn = ChatRequest.omit({ messages: true, continueLast: true })
  .partial()
  .extend({
    /** Left out: answer again what `parentId` (a user's message) asks. */
    content: z.string().optional(),
    /** Left out: the newest message; null: it begins the conversation. */
    parentId: z.string().nullable().optional(),
    /** An answer that goes on where it ended; the whole becomes another version of it. Excludes `content` and `parentId`. */
    continueFrom: z.string().optional(),
    responseFormat: ResponseFormat.optional(),
    ...runFields,
  })
export type NativeTurn = z.infer<typeof NativeTurn>

export const NewStoredMessage = z.object({ message: Message, parentId: z.string().nullable().optional() })
export type NewStoredMessage = z.infer<typeof NewStoredMessage>

export const Lock = z.object({
  lock: LockState,
  /** Hosts that may be reached while the lock is on `allow-list`. */
  allowedHosts: z.array(z.string()),
})
export type Lock = z.infer<typeof Lock>
export const LockChange = Lock.pick({ lock: true })

/** A name, without a port. */
export const AllowedHost = z.object({
  host: z
    .string()
    .max(253)
    .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i, "a host is a name such as huggingface.co"),
})

/** Who the server takes the caller for. */
export const CallerFacts = z.object({ owner: z.string(), scopes: z.array(z.string()) })
