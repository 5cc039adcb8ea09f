export {
  BenchChange,
  BenchEvent,
  type BenchFigureName,
  BenchFigures,
  BenchLimit,
  BenchQuery,
  BenchReport,
  BenchRequest,
  BenchVerdict,
  Spread,
} from "./bench.ts"
export { CatalogueMatch, CatalogueModel, CatalogueQuery, FitLabel, ModelFit, Welcome } from "./catalogue.ts"
export {
  type ChatAnswer,
  ChatEvent,
  collect,
  Dropped,
  FinishReason,
  Timings,
  TokenLogprob,
  type ToolCall,
  Usage,
} from "./chat-event.ts"
export {
  ChatRequest,
  Message,
  OverflowPolicy,
  ResponseFormat,
  SAMPLING_DEFAULTS,
  SamplingOptions,
  ToolChoice,
  ToolDefinition,
} from "./chat-request.ts"
export type {
  BodyReader,
  Client,
  ClientFetch,
  ClientOptions,
  ClientRequest,
  ClientResponse,
} from "./client/client.ts"
export { createClient } from "./client/create-client.ts"
export {
  Conversation,
  ConversationChange,
  Shortened,
  StoredMessage,
  StoredMessageState,
} from "./conversation.ts"
export { defined } from "./defined.ts"
export {
  AppError,
  type AppErrorOptions,
  ERROR_CODES,
  type ErrorBody,
  type ErrorCode,
  type ErrorCodeFacts,
  type ErrorFields,
  errorBody,
  fromErrorBody,
  toErrorBody,
} from "./errors.ts"
export { ComputeDevice, HardwareFacts } from "./hardware-facts.ts"
export {
  ConversationEvent,
  ConversationLabels,
  ConversationQuery,
  ConversationRemoval,
  EmptiedTrash,
  ExportedConversation,
  ExportFormat,
  ExportQuery,
  ImportReport,
  SearchHit,
  SearchQuery,
  SkipReason,
  SummaryWish,
  TitleWish,
} from "./history.ts"
export { Job, JobKind, JobState } from "./job.ts"
export { JobEvent } from "./job-event.ts"
export { CreatedKey, KeyRules, KeySummary, NewKey, Scope } from "./key.ts"
export { ContentClass, DoctorReport, LedgerEntry, LockState, PrivacyStatus } from "./ledger-entry.ts"
export {
  BENCH_LIMITS,
  CHILD_LIMITS,
  CHOICES_LIMIT,
  CLIENT_LIMITS,
  CONVERSATION_LIMITS,
  DOWNLOAD_LIMITS,
  GGUF_LIMITS,
  GRAMMAR_LIMITS,
  HTTP_LIMITS,
  KEY_LIMITS,
  KV_FILE_LIMITS,
  MODELFILE_LIMITS,
  NAME_LIMITS,
  PROMPT_LIMITS,
  QUEUE_LIMITS,
  REQUEST_LIMITS,
  RERANK_LIMITS,
  TEMPLATE_LIMITS,
} from "./limits.ts"
export { LiveActivity } from "./live-activity.ts"
export { Capability, ContextChoice, ModelSummary, RunningModel } from "./model-summary.ts"
export {
  AllowedHost,
  CallerFacts,
  InsertedSystemText,
  Lock,
  LockChange,
  ModelDetails,
  NATIVE_PATH,
  NamedModel,
  NativeChat,
  NativeComplete,
  NativeDetokenize,
  NativeEmbed,
  NativeEmbedded,
  NativeError,
  NativeLoad,
  NativeLoaded,
  NativePrompt,
  NativeRendered,
  NativeRerank,
  NativeReranked,
  NativeText,
  NativeTokenize,
  NativeTokens,
  NativeTurn,
  NewJob,
  NewStoredMessage,
  ResumedPull,
  Stopped,
  TokenKind,
  Wish,
} from "./native-api.ts"
export { PAGE_PATHS } from "./page-paths.ts"
export { ClearedPrefixes, PinnedPrefix, PrefixClear, PrefixPin, PrefixStatus } from "./prefixes.ts"
export { NewPrompt, PromptChange, StoredPrompt } from "./prompt.ts"
export { ModelCopy, ModelName, Removal, RemovalQuery, RemovedModel } from "./removed-model.ts"
export { z } from "./schema.ts"
export { firstSent, SUMMARY_QUESTION, sentMessages } from "./sent-messages.ts"
export { Setting, SettingChange, SettingChangedBy, SettingShape } from "./setting.ts"
export { Erased, EraseRequest, StorageKind, StorageReport } from "./storage.ts"
export { WaitEvent } from "./wait-event.ts"
