// The use cases as others see them. Read this first. `create-app.ts` builds it from `Parts`; the CLI and the server call nothing else.
import type { ModelFacts, Prompt, RenderedPrompt } from "@fireside/engine"
import type { DeterministicVerdict, LoadWish } from "@fireside/fit"
import type {
  CatalogueEntry,
  CreateRequest,
  ModelCheck,
  ParsedModelfile,
  PullOffer,
  Removal,
  RemovedModel,
} from "@fireside/library"
import type {
  Capability,
  ChatEvent,
  ChatRequest,
  ContextChoice,
  DoctorReport,
  Erased,
  HardwareFacts,
  Job,
  JobEvent,
  LedgerEntry,
  LiveActivity,
  LockState,
  ModelFit,
  ModelSummary,
  PrivacyStatus,
  ResponseFormat,
  RunningModel,
  SamplingOptions,
  Setting,
  StorageReport,
  WaitEvent,
} from "@fireside/protocol"
import type { Bench } from "./bench/bench.ts"
import type { Conversations } from "./conversations/conversations.ts"
import type { Keys } from "./keys/keys.ts"
import type { Prefixes } from "./prefixes/prefixes.ts"
import type { Prompts } from "./prompts/prompts.ts"
import type { StoredResponses } from "./responses/stored-responses.ts"

export type { CreateRequest, ParsedModelfile, Setting }

/** Who asks when nobody says: the owner of the machine, from its terminal or from loopback without a key. */
export const LOCAL_OWNER = "local"

export interface RunOptions {
  /** Who asks: the queue is fair between owners, private prefixes are kept apart by them. Defaults to `LOCAL_OWNER`. */
  readonly owner?: string
  /** Called while the request waits for its turn and while its model is loaded. */
  readonly onWait?: (event: WaitEvent) => void
  /** How long the model stays in memory after the last use; negative is for ever, 0 unloads at once. Defaults to the setting. */
  readonly keepAliveMs?: number
  /** What the plan should hold, beside the context length of the request. */
  readonly wish?: LoadWish
  /** Goes into the `start` event. */
  readonly id?: string
  /** What the computed prefix belongs to and is removed with: a conversation. */
  readonly cacheLabel?: string
  /** The id of a chat that leaves nothing: what is computed of it is never on disk, and `prefixes.endTemporary` takes it from memory. */
  readonly temporary?: string
  /** Emit a notice when the model's template puts a system text of its own in front. Defaults to true. */
  readonly tellInsertedSystem?: boolean
  /** Called when a model has to be loaded first. */
  readonly onLoad?: (name: string) => void
}

/** A continuation without roles: plain text, ready-rendered text, tokens, or the middle between two texts. */
export interface CompletionRequest {
  readonly model: string
  readonly prompt: Exclude<Prompt, { type: "chat" }>
  readonly sampling?: SamplingOptions
  readonly stop?: readonly string[]
  readonly maxTokens?: number
  readonly contextLength?: number
  readonly responseFormat?: ResponseFormat
  readonly topLogprobs?: number
  /** See `ChatRequest`. */
  readonly speculate?: boolean
}

export interface LoadRequest {
  readonly model: string
  readonly contextLength?: number
}

export interface LoadedModel {
  readonly facts: ModelFacts
  readonly loadMs: number
  readonly notices: readonly string[]
}

export interface EmbedRequest {
  readonly model: string
  /** Texts, or the model's own token ids. */
  readonly texts: readonly (string | readonly number[])[]
}

export interface EmbedAnswer {
  readonly model: string
  readonly vectors: readonly Float32Array[]
  readonly promptTokens: number
  readonly loadMs: number
  readonly totalMs: number
}

export interface RerankRequest {
  readonly model: string
  readonly query: string
  readonly documents: readonly string[]
}

export interface RerankAnswer {
  readonly model: string
  /** One for each document, in their order; larger is more relevant. */
  readonly scores: readonly number[]
  readonly promptTokens: number
  readonly totalMs: number
}

/** What the process does at this moment; for metrics and health. Never waits. */
export interface Activity {
  readonly running: number
  readonly waiting: number
  /** Requests that have room in the process: those that run at once, and those that wait. */
  readonly capacity: number
  readonly models: readonly {
    readonly name: string
    readonly streams: number
    /** Requests that wait for it. */
    readonly queued: number
    /** Of the engine's process, as planned. */
    readonly memoryBytes: number
  }[]
}

export interface PullRequest {
  readonly reference: string
  /** The owner has said yes to a licence that is not a permissive open-source one. */
  readonly acceptLicence?: boolean
  readonly limitBytesPerSecond?: number
  /** Sees the offer before the first byte; throwing refuses it. */
  readonly onOffer?: (offer: AdvisedOffer) => Promise<void> | void
}

/** `advice`: what this machine would be faster with than with the file that is offered, where it was measured. */
export type AdvisedOffer = PullOffer & { readonly advice?: string }

/** A copy of a model with another type of weights. */
export interface ConvertRequest {
  readonly model: string
  /** `q8_0`, `q5_1`, `q5_0`, `q4_1`, `q4_0`, `f16`, `bf16`. */
  readonly to: string
  /** The copy keeps this name and the model its own. Undefined: the copy takes the model's name, and the original is kept beside it. */
  readonly name?: string
  /** Keep a copy that is worse or no faster. Defaults to false. */
  readonly force?: boolean
}

/** Everything `show` says. `sampling` and `system` are the model's own defaults. */
export interface ModelDetails extends ModelSummary {
  readonly template: string
  readonly system: string
  readonly sampling: SamplingOptions
  readonly stop: readonly string[]
  /** What a load and an answer take when nobody asks for another: `num_ctx` and `num_predict` of a Modelfile. */
  readonly defaults: { readonly contextLength?: number; readonly maxTokens?: number }
  readonly capabilities: readonly Capability[]
  /** Header of the file; long arrays are given by their length only. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly licenceText: string
  /** Can it be loaded in deterministic mode, as far as its file says? */
  readonly deterministic: DeterministicVerdict
  /** What this machine would be faster with, in a sentence; undefined where it was not measured or has nothing better. */
  readonly advice?: string
}

export interface CatalogueMatch extends CatalogueEntry {
  readonly installed: boolean
  /** How it suits this machine; null where its size is not known before it is pulled. */
  readonly fit: ModelFit | null
}

export interface Models {
  list(): Promise<readonly ModelSummary[]>
  /** Throws `bad-reference`, `model-not-found`. */
  show(reference: string): Promise<ModelDetails>
  /** Models loaded by any process that uses this data folder. */
  running(): Promise<readonly RunningModel[]>
  /** Ends every loaded copy of a model; its owner loads it again at its next request. Returns how many there were. */
  stop(reference: string, signal: AbortSignal): Promise<number>
  /**
   * With what was computed for it, when it goes for good. `undoable`: `restore` brings it back for a day. Defaults to false. Throws
   * `model-not-found`, and `model-in-use` when another process has it loaded.
   */
  remove(reference: string, options?: { readonly undoable?: boolean }): Promise<Removal>
  /** What `restore` brings back, the newest removal first. */
  removed(): Promise<readonly RemovedModel[]>
  /** Takes a removal back. Throws `not-found`, `already-exists`, `corrupt-data`. */
  restore(name: string): Promise<{ readonly name: string }>
  /** Lets go for good what was removed too long ago to be had back; while this app lives that also happens by itself. */
  sweep(): Promise<void>
  /** With how much context it could be loaded, the shortest first, each judged for this machine. Throws `model-not-found`. */
  contexts(reference: string): Promise<readonly ContextChoice[]>
  copy(from: string, to: string): Promise<void>
  importFile(path: string, name: string, signal: AbortSignal): AsyncIterable<JobEvent>
  verify(reference: string, signal: AbortSignal): Promise<ModelCheck>
  search(query: string, options: { remote: boolean }, signal: AbortSignal): Promise<readonly CatalogueMatch[]>
  pull(request: PullRequest, signal: AbortSignal): AsyncIterable<JobEvent>
  /** Shares the base's files. Throws `model-not-found`, `bad-model-file`, `unsupported`. A template is judged when the model is loaded. */
  create(request: CreateRequest, signal: AbortSignal): AsyncIterable<JobEvent>
  /**
   * Makes the copy, measures it against the original, and keeps it when it is faster and says the same. Throws `worse-copy` (nothing is kept),
   * `model-in-use`, `bad-request`, `unsupported`, `disk-full`.
   */
  convert(request: ConvertRequest, signal: AbortSignal): AsyncIterable<JobEvent>
  /** The name stands for the original again, and the copy that has it is removed. Throws `not-found`, `model-in-use`. */
  convertBack(reference: string): Promise<{ readonly name: string }>
  /** Reads a Modelfile; throws `bad-request` with the line. Relative paths are meant from `folder`; undefined: there are no paths. */
  parseModelfile(text: string, options: { name: string; folder?: string }): Promise<ParsedModelfile>
  /** The Modelfile that makes the same model again. */
  modelfile(reference: string): Promise<string>
  /** `digest` is `sha256:` and 64 hex digits. */
  hasBlob(digest: string): Promise<boolean>
  /** Keeps uploaded bytes until a `create` uses them. Throws `digest-mismatch`, `disk-full`, `body-too-large`. */
  putBlob(digest: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>
  /** Is it in the library? Never touches the network. */
  has(reference: string): Promise<boolean>
  /** Can it be pulled: does the catalogue name it, or does it say where it comes from (`hf:…`)? Never touches the network. */
  obtainable(reference: string): Promise<boolean>
}

export interface Privacy {
  status(): Promise<PrivacyStatus>
  setLock(state: LockState): Promise<void>
  /** Host names that may be reached while the lock is on `allow-list`. */
  allowedHosts(): Promise<readonly string[]>
  allowHost(host: string): Promise<void>
  /** Throws `not-found` for one that is not on the list. */
  disallowHost(host: string): Promise<void>
  ledger(): Promise<readonly LedgerEntry[]>
  /** `seq` of the first broken entry, or null when the chain is whole. */
  verify(): Promise<number | null>
}

export interface Settings {
  readonly path: string
  list(): Promise<readonly Setting[]>
  /** Throws `not-found` for a key that there is not. */
  get(key: string): Promise<Setting>
  /** Saved, and in force when the next process begins. Empty: back to the default. Throws `not-found`, `bad-config`, `cannot-write`. */
  set(key: string, value: string): Promise<Setting>
}

/** Long work that goes on without its reader. */
export interface Jobs {
  /** Newest first. */
  list(): Promise<readonly Job[]>
  /** Throws `not-found`. */
  get(id: string): Promise<Job>
  /** Starts it in this process; it goes on until it is done, cancelled, or the app closes. */
  start(
    request:
      | { type: "pull"; pull: PullRequest }
      | { type: "create"; create: CreateRequest }
      | { type: "convert"; convert: ConvertRequest },
  ): Promise<Job>
  /**
   * Goes on with a failed or cancelled pull, as a new job of the same subject; one that runs or is done is returned as it is.
   * Without a limit that of the settings holds, whatever it began with. Throws `not-found`, `unsupported` for kinds that cannot be resumed.
   */
  resume(id: string, options?: Pick<PullRequest, "limitBytesPerSecond">): Promise<Job>
  /** What happened so far, then what happens, to the end: `finish` or an `error` event. Of progress only the newest. Throws `not-found`. */
  events(id: string, signal: AbortSignal): AsyncIterable<JobEvent>
  /**
   * Throws `not-found`; nothing happens to one that has ended. One that this app started has ended when it returns;
   * any other ends with its next progress.
   */
  cancel(id: string): Promise<Job>
}

/** What the first run says about this machine and what it would fetch. */
export interface FirstRunProposal {
  readonly hardware: HardwareFacts
  /** The first one is what is proposed, the others are smaller ones. Empty when nothing of the catalogue fits. */
  readonly candidates: readonly {
    readonly entry: CatalogueEntry
    readonly expectedTokensPerSecond: number
    readonly fit: ModelFit
  }[]
  /** The best that another program's store has on this disk already: it is read in place, nothing is fetched. */
  readonly present?: { readonly model: ModelSummary; readonly expectedTokensPerSecond: number }
  /** Why the first one, or why none, in one sentence. */
  readonly reason: string
}

export interface EraseWish {
  readonly owner: string
  /** The models of the library too, of whomever. Defaults to false. */
  readonly models?: boolean
}

export interface SavedChats {
  /** Returns where it is kept. Replaces a chat of that name. Throws `bad-request` for a name that no file can have, `cannot-write`. */
  save(name: string, chat: ChatRequest): Promise<string>
  /** Undefined when there is none. Throws `corrupt-data`. */
  load(name: string): Promise<ChatRequest | undefined>
}

export interface App extends AsyncDisposable {
  /** Starts what a chat will need (the engine's process) while the caller is still reading arguments. Resolves when it is started; never rejects. */
  prepare(): Promise<void>
  /**
   * The events of one answer. What fails before `start` (unknown model, no memory) is thrown; later failures are the `error` event.
   * `loadMs` and `totalMs` of the timings count from this call.
   */
  chat(request: ChatRequest, options: RunOptions, signal: AbortSignal): AsyncIterable<ChatEvent>
  /** Loads a model without asking it anything; it stays for the keep-alive time. Throws what `chat` throws before `start`. */
  load(request: LoadRequest, options: RunOptions, signal: AbortSignal): Promise<LoadedModel>
  complete(request: CompletionRequest, options: RunOptions, signal: AbortSignal): AsyncIterable<ChatEvent>
  embed(request: EmbedRequest, options: RunOptions, signal: AbortSignal): Promise<EmbedAnswer>
  /** By the cosine of embeddings; a model that scores pairs itself is refused by name. Throws `bad-request` with the document's place. */
  rerank(request: RerankRequest, options: RunOptions, signal: AbortSignal): Promise<RerankAnswer>
  tokenize(
    request: { model: string; text: string; special?: boolean; addBos?: boolean },
    signal: AbortSignal,
  ): Promise<readonly number[]>
  detokenize(request: { model: string; tokens: readonly number[] }, signal: AbortSignal): Promise<string>
  /** What the model would see. */
  render(request: ChatRequest, signal: AbortSignal): Promise<RenderedPrompt & { contextLength: number }>
  /** The system text that the model's template inserts when a request has none; undefined when it inserts none. */
  insertedSystem(model: string, signal: AbortSignal): Promise<string | undefined>
  readonly models: Models
  readonly chats: SavedChats
  /** Where the terminal keeps what was typed. */
  readonly historyFile: string
  readonly privacy: Privacy
  readonly settings: Settings
  readonly jobs: Jobs
  readonly keys: Keys
  readonly conversations: Conversations
  readonly responses: StoredResponses
  readonly prompts: Prompts
  readonly prefixes: Prefixes
  readonly bench: Bench
  machine(): Promise<HardwareFacts>
  activity(): Activity
  /** The same with the machine's processors and memory, and how fast each model writes; may be asked every second. */
  liveActivity(): Promise<LiveActivity>
  /** What is stored where, with sizes. */
  storage(): Promise<StorageReport>
  /** Erases conversations, responses and computed prefixes of an owner for good. The ledger, keys and settings stay. */
  erase(wish: EraseWish): Promise<Erased>
  firstRun(signal: AbortSignal): Promise<FirstRunProposal>
  doctor(signal: AbortSignal): Promise<DoctorReport>
  /** The model of the settings, or the one used last, if it is there. */
  lastModel(): Promise<string | undefined>
}
