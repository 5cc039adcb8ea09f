export {
  type ChatAnswer,
  ChatEvent,
  collect,
  FinishReason,
  Timings,
  TokenLogprob,
  type ToolCall,
  Usage,
} from "./chat-event.ts"
export {
  ChatRequest,
  Message,
  ResponseFormat,
  SAMPLING_DEFAULTS,
  SamplingOptions,
  ToolChoice,
  ToolDefinition,
} from "./chat-request.ts"
export {
  AppError,
  type AppErrorOptions,
  ERROR_CODES,
  type ErrorBody,
  type ErrorCode,
  type ErrorCodeFacts,
  fromErrorBody,
  toErrorBody,
} from "./errors.ts"
export { ComputeDevice, HardwareFacts } from "./hardware-facts.ts"
export { JobEvent } from "./job-event.ts"
export { ContentClass, DoctorReport, LedgerEntry, LockState, PrivacyStatus } from "./ledger-entry.ts"
export {
  CHILD_LIMITS,
  DOWNLOAD_LIMITS,
  GGUF_LIMITS,
  GRAMMAR_LIMITS,
  NAME_LIMITS,
  REQUEST_LIMITS,
  TEMPLATE_LIMITS,
} from "./limits.ts"
export { Capability, ModelSummary, RunningModel } from "./model-summary.ts"
