export type {
  App,
  CatalogueMatch,
  CompletionRequest,
  EmbedAnswer,
  EmbedRequest,
  FirstRunProposal,
  ModelDetails,
  Models,
  Privacy,
  PullRequest,
  RunOptions,
  Setting,
  Settings,
} from "./app.ts"
export { createApp } from "./create-app.ts"
export type { Job, JobKind, JobState } from "./jobs.ts"
export type { Parts } from "./parts.ts"
