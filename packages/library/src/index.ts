export type { CatalogueEntry, Library, ModelCheck, PullOffer, PullOptions, StoredModel } from "./library.ts"
