export { CATALOGUE } from "./catalogue-data.ts"
export { mainTypeOf } from "./conversion/choose-types.ts"
export { createLibrary, type LibraryOptions, type LibrarySettings } from "./create-library.ts"
export type {
  CatalogueEntry,
  ConvertRequest,
  CreateRequest,
  Library,
  ModelCheck,
  ParsedModelfile,
  PullOffer,
  PullOptions,
  Removal,
  RemovedModel,
  StoredModel,
} from "./library.ts"
export { writeParameters } from "./model-file.ts"
export { formatReference, parseReference, type Reference } from "./reference.ts"
