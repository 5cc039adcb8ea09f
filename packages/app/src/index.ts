export type { CatalogueEntry, PullOffer } from "@fireside/library"
export type {
  App,
  CatalogueMatch,
  CompletionRequest,
  EmbedAnswer,
  EmbedRequest,
  FirstRunProposal,
  LoadedModel,
  LoadRequest,
  ModelDetails,
  Models,
  Privacy,
  PullRequest,
  RunOptions,
  SavedChats,
  Setting,
  Settings,
} from "./app.ts"
export { createApp } from "./create-app.ts"
export type { Job, JobKind, JobState } from "./jobs.ts"
export { type OpenAppFlags, type OpenedApp, openApp } from "./open-app.ts"
export type { Parts } from "./parts.ts"
