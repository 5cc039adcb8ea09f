// The library as others see it. Read this first.
import type { ValidatedHeader } from "@fireside/gguf"
import type { JobEvent, Message, ModelSummary, SamplingOptions } from "@fireside/protocol"

export interface StoredModel {
  readonly summary: ModelSummary
  /** Absolute path of the weights file. Models that come in parts are joined when they are pulled. */
  readonly path: string
  readonly header: ValidatedHeader
  /** From a manifest; the file's own metadata wins nothing over them. */
  readonly system?: string
  readonly template?: string
  readonly sampling?: SamplingOptions
  readonly stop?: readonly string[]
  readonly messages?: readonly Message[]
  /** Tokens of context that a load takes when nobody asks for another; the model's own bound is in `summary`. */
  readonly contextLength?: number
  /** Most tokens of an answer when nobody asks for another. */
  readonly maxTokens?: number
  readonly licenceText?: string
  readonly adapters?: readonly { readonly path: string; readonly scale: number }[]
}

export interface CatalogueEntry {
  readonly name: string
  readonly title: string
  readonly licence: { readonly name: string; readonly url: string; readonly permissive: boolean }
  /** Number of weights: 134_515_008. */
  readonly parameters: number
  readonly contextLength: number
  readonly languages: readonly string[]
  readonly goodFor: string
  readonly capabilities: readonly string[]
  /** What is needed to judge the fit before there is a file; an estimate from the published shape. */
  readonly approximateSizeBytes: number
  /** References in the order they are tried. */
  readonly sources: readonly string[]
  /** True for the one that the name without a tag means. */
  readonly latest?: boolean
  /** Sampling that the publisher recommends on the model card; what the user sets wins. */
  readonly sampling?: SamplingOptions
}

/** What will be downloaded, known before the first byte of weights. */
export interface PullOffer {
  readonly name: string
  readonly source: string
  readonly licence: { readonly name: string; readonly url?: string; readonly permissive: boolean }
  readonly files: readonly { readonly name: string; readonly sizeBytes: number; readonly sha256?: string }[]
  /** Bytes that travel; for packages the size of the archive. Undefined when the source does not say. */
  readonly downloadBytes?: number
  /** Of the weights, from the catalogue: where the source does not say how much travels. */
  readonly approximateBytes?: number
  /** Sources that were tried before this one, and why they could not serve. */
  readonly failed: readonly { readonly source: string; readonly message: string }[]
}

export interface PullOptions {
  readonly acceptLicence?: boolean
  readonly limitBytesPerSecond?: number
  /** Called with the offer before a download; throwing refuses it. */
  readonly onOffer?: (offer: PullOffer) => Promise<void> | void
}

export interface Removal {
  /** Free on the disk now. */
  readonly freedBytes: number
  /** Bytes that stay so long, so that the removal can be taken back; undefined: it is gone for good. */
  readonly held?: { readonly bytes: number; readonly until: string }
}

/** A model that was removed and can be had back. */
export interface RemovedModel {
  readonly name: string
  readonly sizeBytes: number
  readonly removedAt: string
  readonly restorableUntil: string
}

export interface ModelCheck {
  readonly name: string
  readonly ok: boolean
  readonly digest: string
  readonly message: string
}

/** A model made out of another one: what a Modelfile says, parsed. Fields left out are the base's. */
export interface CreateRequest {
  readonly name: string
  /** A reference to a model that is there, a path of a GGUF file, or `blob:sha256-…` of an uploaded one. */
  readonly from: string
  readonly template?: string
  readonly system?: string
  /** Each parameter by itself; those left out are the base's. */
  readonly sampling?: SamplingOptions
  readonly stop?: readonly string[]
  /** Tokens of context that a load takes when nobody asks for another. */
  readonly contextLength?: number
  /** Most tokens of an answer when nobody asks for another. */
  readonly maxTokens?: number
  readonly messages?: readonly Message[]
  /** Added to the base's, which go on to hold. */
  readonly licences?: readonly string[]
  /** Paths, or `blob:sha256-…`. In place of the base's. */
  readonly adapters?: readonly string[]
}

/** A copy of a model with another type of weights. */
export interface ConvertRequest {
  /** A model of the library, or a path of a GGUF file. */
  readonly from: string
  /** `q8_0`, `q5_1`, `q5_0`, `q4_1`, `q4_0`, `f16`, `bf16`. */
  readonly to: string
  /** Of the copy. */
  readonly name: string
}

export interface ParsedModelfile {
  readonly request: CreateRequest
  /** What was accepted and left aside, with its line. */
  readonly notices: readonly string[]
}

export interface Library {
  /** Throws `bad-reference`, `model-not-found` (with close names in `details.close`). */
  resolve(reference: string): Promise<StoredModel>
  /** Broken entries are listed with `problem`; they never hide the others. */
  list(): Promise<readonly ModelSummary[]>
  catalogue(): readonly CatalogueEntry[]
  /** Catalogue entries and, when the network is allowed and `remote` is set, the hub. */
  search(query: string, options: { remote: boolean }, signal: AbortSignal): Promise<readonly CatalogueEntry[]>
  pull(reference: string, options: PullOptions, signal: AbortSignal): AsyncIterable<JobEvent>
  /** Registers a file of the user's: copied (or reflinked) into the blobs, then validated. */
  importFile(path: string, name: string, signal: AbortSignal): AsyncIterable<JobEvent>
  /**
   * Makes a model out of another one, whose files it shares. A name that was there before stands for the new model then.
   * Throws `model-not-found`, `bad-model-file`, `unsupported` (an adapter of another base), `bad-request`.
   */
  create(request: CreateRequest, signal: AbortSignal): AsyncIterable<JobEvent>
  /**
   * Writes the weights again with another type, under a name of its own; the original is not touched. Throws `bad-request` (an unknown type),
   * `unsupported` (that type already, a type that cannot be read, an adapter bound to the weights), `disk-full`, `model-not-found`.
   */
  convert(request: ConvertRequest, signal: AbortSignal): AsyncIterable<JobEvent>
  /** Throws `bad-request` with the line. Relative paths are meant from `folder`; undefined: there are no paths. */
  parseModelfile(text: string, options: { name: string; folder?: string }): Promise<ParsedModelfile>
  /** The Modelfile that makes the same model again. Throws as `resolve`, and `unsupported` for texts that no Modelfile can hold. */
  modelfile(reference: string): Promise<string>
  /** `sha256:` or `sha256-` and 64 hex digits; throws `bad-request` for anything else. */
  hasBlob(digest: string): Promise<boolean>
  /**
   * Keeps uploaded bytes until a `create` uses them, for a day at least. Throws `bad-request`, `digest-mismatch`, `body-too-large`,
   * `disk-full`; then nothing is kept.
   */
  putBlob(digest: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>
  copy(from: string, to: string): Promise<void>
  /**
   * Removes the name; the blob goes with its last name. `undoable`: `restore` brings it back for a day, and its blobs stay so long; without
   * it, a model that waits for that goes for good too. Defaults to false.
   */
  remove(name: string, options?: { readonly undoable?: boolean }): Promise<Removal>
  /** What `restore` brings back, the newest removal first. */
  removed(): Promise<readonly RemovedModel[]>
  /** Takes a removal back. Throws `not-found`, `already-exists` (the name stands for another model by now), `corrupt-data`. */
  restore(name: string): Promise<{ readonly name: string }>
  /** Lets go for good what was removed too long ago to be had back. Gives how many models those were. */
  sweep(): Promise<number>
  verify(name: string, signal: AbortSignal): Promise<ModelCheck>
}
