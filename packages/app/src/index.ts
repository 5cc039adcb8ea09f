export type { CatalogueEntry, PullOffer } from "@fireside/library"
export {
  type Activity,
  type AdvisedOffer,
  type App,
  type CatalogueMatch,
  type CompletionRequest,
  type ConvertRequest,
  type CreateRequest,
  type EmbedAnswer,
  type EmbedRequest,
  type FirstRunProposal,
  type Jobs,
  LOCAL_OWNER,
  type LoadedModel,
  type LoadRequest,
  type ModelDetails,
  type Models,
  type Privacy,
  type PullRequest,
  type RerankAnswer,
  type RerankRequest,
  type RunOptions,
  type SavedChats,
  type Setting,
  type Settings,
} from "./app.ts"
export type { Bench } from "./bench/bench.ts"
export type {
  ConversationPage,
  ConversationSearch,
  Conversations,
  ConversationTurn,
  ExportedFile,
  ExportWish,
  NewMessage,
  TitleAnswer,
} from "./conversations/conversations.ts"
export { createApp } from "./create-app.ts"
export { looksLikeKey } from "./keys/key-secret.ts"
export type { Keys } from "./keys/keys.ts"
export { type OpenAppFlags, type OpenedApp, openApp } from "./open-app.ts"
export type { Parts } from "./parts.ts"
export type { Prefixes } from "./prefixes/prefixes.ts"
export type { Prompts } from "./prompts/prompts.ts"
export type { StoredResponse, StoredResponses } from "./responses/stored-responses.ts"
