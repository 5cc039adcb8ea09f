// A server's native API as functions. Read this first; `createClient` makes it. It runs in a browser as in Node.
// Every call throws the `AppError` that the server answers with, `network-failed` when it cannot be reached or breaks off, `bad-response` for
// an answer that is none of ours, and the signal's own reason.
import type { BenchEvent, BenchReport, BenchRequest } from "../bench.ts"
import type { CatalogueMatch, Welcome } from "../catalogue.ts"
import type { ChatEvent } from "../chat-event.ts"
import type { ChatRequest } from "../chat-request.ts"
import type { Conversation, ConversationChange, StoredMessage } from "../conversation.ts"
import type { HardwareFacts } from "../hardware-facts.ts"
import type {
  ConversationEvent,
  ConversationLabels,
  ExportFormat,
  ImportReport,
  SearchHit,
  SummaryWish,
  TitleWish,
} from "../history.ts"
import type { Job } from "../job.ts"
import type { JobEvent } from "../job-event.ts"
import type { CreatedKey, KeySummary, NewKey } from "../key.ts"
import type { DoctorReport, LedgerEntry, LockState, PrivacyStatus } from "../ledger-entry.ts"
import type { LiveActivity } from "../live-activity.ts"
import type { ContextChoice, ModelSummary, RunningModel } from "../model-summary.ts"
import type {
  CallerFacts,
  Lock,
  ModelDetails,
  NativeChat,
  NativeComplete,
  NativeDetokenize,
  NativeEmbed,
  NativeEmbedded,
  NativeLoad,
  NativeLoaded,
  NativeRendered,
  NativeRerank,
  NativeReranked,
  NativeTokenize,
  NativeTurn,
  NewJob,
  NewStoredMessage,
  ResumedPull,
} from "../native-api.ts"
import type { ClearedPrefixes, PinnedPrefix, PrefixClear, PrefixPin, PrefixStatus } from "../prefixes.ts"
import type { NewPrompt, PromptChange, StoredPrompt } from "../prompt.ts"
import type { Removal, RemovedModel } from "../removed-model.ts"
import type { z } from "../schema.ts"
import type { Setting, SettingChange } from "../setting.ts"
import type { Erased, StorageReport } from "../storage.ts"
import type { WaitEvent } from "../wait-event.ts"

/** What the client needs of a request; the platform's own function is one. */
export type ClientFetch = (url: string, request: ClientRequest) => Promise<ClientResponse>

export interface ClientRequest {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string
  readonly signal: AbortSignal
}

export interface ClientResponse {
  readonly status: number
  readonly body: { getReader(): BodyReader } | null
}

export interface BodyReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
  cancel(): Promise<void>
}

export interface ClientOptions {
  /** `http://127.0.0.1:3473`, with or without a slash at its end. */
  readonly baseUrl: string
  readonly fetch: ClientFetch
  /** A key, or the token of the owner's own terminal. */
  readonly key?: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Client {
  /** Wait events, then one answer. What fails before `start` is thrown; later failures are the `error` event. */
  chat(request: z.input<typeof NativeChat>, signal?: AbortSignal): AsyncIterable<WaitEvent | ChatEvent>
  complete(
    request: z.input<typeof NativeComplete>,
    signal?: AbortSignal,
  ): AsyncIterable<WaitEvent | ChatEvent>
  embed(request: NativeEmbed, signal?: AbortSignal): Promise<NativeEmbedded>
  rerank(request: NativeRerank, signal?: AbortSignal): Promise<NativeReranked>
  load(request: NativeLoad, signal?: AbortSignal): Promise<NativeLoaded>
  tokenize(request: NativeTokenize, signal?: AbortSignal): Promise<readonly number[]>
  detokenize(request: NativeDetokenize, signal?: AbortSignal): Promise<string>
  render(request: z.input<typeof ChatRequest>, signal?: AbortSignal): Promise<NativeRendered>
  /** Undefined: the model's template inserts none. */
  insertedSystem(model: string, signal?: AbortSignal): Promise<string | undefined>
  readonly models: {
    list(signal?: AbortSignal): Promise<readonly ModelSummary[]>
    show(name: string, signal?: AbortSignal): Promise<ModelDetails>
    running(signal?: AbortSignal): Promise<readonly RunningModel[]>
    /** How many loaded copies of it ended. */
    stop(model: string, signal?: AbortSignal): Promise<number>
    /** Unloads every model; how many there were. */
    unload(signal?: AbortSignal): Promise<number>
    /** `remote`: ask the hub too, over the network. */
    search(
      wish?: { readonly query?: string; readonly remote?: boolean },
      signal?: AbortSignal,
    ): Promise<readonly CatalogueMatch[]>
    /** Can be taken back for a day, unless `forGood`: then its room is free at once, also of one that was removed before. */
    remove(name: string, wish?: { readonly forGood?: boolean }, signal?: AbortSignal): Promise<Removal>
    /** What `restore` brings back, the newest removal first. */
    removed(signal?: AbortSignal): Promise<readonly RemovedModel[]>
    /** Gives the name that the model has again. */
    restore(name: string, signal?: AbortSignal): Promise<string>
    /** With how much context it could be loaded, the shortest first, each judged for this machine. */
    contexts(name: string, signal?: AbortSignal): Promise<readonly ContextChoice[]>
    /** The new name shares the files. */
    copy(name: string, to: string, signal?: AbortSignal): Promise<void>
  }
  readonly conversations: {
    /** Newest change first. `before` and `beforeId` are those of the last conversation of the page before. */
    list(
      page?: {
        readonly before?: string
        readonly beforeId?: string
        readonly limit?: number
        /** Empty: those in no folder. */
        readonly folder?: string
        readonly tag?: string
        readonly pinned?: boolean
        /** Those in the trash, in place of the others. */
        readonly trash?: boolean
      },
      signal?: AbortSignal,
    ): Promise<readonly Conversation[]>
    create(change: ConversationChange, signal?: AbortSignal): Promise<Conversation>
    get(id: string, signal?: AbortSignal): Promise<Conversation>
    change(id: string, change: ConversationChange, signal?: AbortSignal): Promise<Conversation>
    /** Into the trash, or for ever. */
    remove(id: string, how?: { readonly forever?: boolean }, signal?: AbortSignal): Promise<void>
    /** Out of the trash. */
    restore(id: string, signal?: AbortSignal): Promise<Conversation>
    /** How many were deleted for ever. */
    emptyTrash(signal?: AbortSignal): Promise<number>
    /** Folders and tags in use. */
    labels(signal?: AbortSignal): Promise<ConversationLabels>
    /** In titles and messages: first what is found in a title, then in messages, newest first. */
    search(
      query: string,
      options?: { readonly limit?: number },
      signal?: AbortSignal,
    ): Promise<readonly SearchHit[]>
    /**
     * `ready`, then what changes, wherever it is changed. Never ends by itself: `network-failed` says that it is time to follow and to read
     * anew.
     */
    changes(signal?: AbortSignal): AsyncIterable<Exclude<ConversationEvent, { type: "error" }>>
    /** The text of a file: of one conversation, or of all (null). */
    export(id: string | null, format: ExportFormat, signal?: AbortSignal): Promise<string>
    /** What a file of ChatGPT, Claude, Open WebUI or our own export holds, parsed. */
    import(file: unknown, signal?: AbortSignal): Promise<ImportReport>
    /** Lets the model write a title; a title that somebody gave stays, unless it is forced. */
    title(id: string, wish?: TitleWish, signal?: AbortSignal): Promise<Conversation>
    /**
     * Lets the model sum up what comes before a message. When the answer is whole, the conversation is shortened: from then on the summary
     * stands for those messages, which stay stored.
     */
    summarise(id: string, wish: SummaryWish, signal?: AbortSignal): AsyncIterable<WaitEvent | ChatEvent>
    messages(id: string, signal?: AbortSignal): Promise<readonly StoredMessage[]>
    append(id: string, message: NewStoredMessage, signal?: AbortSignal): Promise<StoredMessage>
    /** One turn: the question is stored, the answer streamed and stored. */
    chat(
      id: string,
      turn: z.input<typeof NativeTurn>,
      signal?: AbortSignal,
    ): AsyncIterable<WaitEvent | ChatEvent>
  }
  /** Ends a chat that leaves nothing; see `temporary` of a chat's request. */
  endTemporaryChat(id: string, signal?: AbortSignal): Promise<void>
  readonly prompts: {
    /** By name. */
    list(signal?: AbortSignal): Promise<readonly StoredPrompt[]>
    create(prompt: NewPrompt, signal?: AbortSignal): Promise<StoredPrompt>
    change(id: string, change: PromptChange, signal?: AbortSignal): Promise<StoredPrompt>
    remove(id: string, signal?: AbortSignal): Promise<void>
  }
  readonly jobs: {
    list(signal?: AbortSignal): Promise<readonly Job[]>
    start(job: NewJob, signal?: AbortSignal): Promise<Job>
    get(id: string, signal?: AbortSignal): Promise<Job>
    /** What happened so far, then what happens, to the end. */
    events(id: string, signal?: AbortSignal): AsyncIterable<JobEvent>
    cancel(id: string, signal?: AbortSignal): Promise<Job>
    resume(id: string, options?: ResumedPull, signal?: AbortSignal): Promise<Job>
  }
  readonly prefixes: {
    status(signal?: AbortSignal): Promise<PrefixStatus>
    clear(wish: PrefixClear, signal?: AbortSignal): Promise<ClearedPrefixes>
    pin(wish: PrefixPin, signal?: AbortSignal): Promise<PinnedPrefix>
    unpin(name: string, signal?: AbortSignal): Promise<void>
  }
  readonly privacy: {
    status(signal?: AbortSignal): Promise<PrivacyStatus>
    ledger(signal?: AbortSignal): Promise<readonly LedgerEntry[]>
    lock(signal?: AbortSignal): Promise<Lock>
    /** Only the owner of the machine may open it. */
    setLock(lock: LockState, signal?: AbortSignal): Promise<Lock>
    /** For the lock on `allow-list`; only the owner of the machine may. */
    allowHost(host: string, signal?: AbortSignal): Promise<Lock>
    disallowHost(host: string, signal?: AbortSignal): Promise<Lock>
    /** What is stored where, with sizes. */
    storage(signal?: AbortSignal): Promise<StorageReport>
    /** Erases everything of the caller for good; `models`: those of the library too. */
    erase(wish?: { readonly models?: boolean }, signal?: AbortSignal): Promise<Erased>
  }
  readonly keys: {
    list(signal?: AbortSignal): Promise<readonly KeySummary[]>
    create(key: NewKey, signal?: AbortSignal): Promise<CreatedKey>
    revoke(idOrName: string, signal?: AbortSignal): Promise<KeySummary>
  }
  readonly bench: {
    /** Progress, then the report. What goes wrong is thrown. */
    run(request: BenchRequest, signal?: AbortSignal): AsyncIterable<Exclude<BenchEvent, { type: "error" }>>
    /** Newest first. */
    history(model?: string, signal?: AbortSignal): Promise<readonly BenchReport[]>
  }
  /** The machine, and the models that would suit it. */
  welcome(signal?: AbortSignal): Promise<Welcome>
  machine(signal?: AbortSignal): Promise<HardwareFacts>
  /** May be asked every second. */
  activity(signal?: AbortSignal): Promise<LiveActivity>
  settings(signal?: AbortSignal): Promise<readonly Setting[]>
  /** Null: back to the default. */
  setSetting(key: string, value: SettingChange["value"], signal?: AbortSignal): Promise<Setting>
  doctor(signal?: AbortSignal): Promise<DoctorReport>
  /** Resolves when the server has begun to stop. */
  stopServer(signal?: AbortSignal): Promise<void>
  /** Who the server takes this client for. */
  caller(signal?: AbortSignal): Promise<z.infer<typeof CallerFacts>>
}
