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

export interface ModelCheck {
  readonly name: string
  readonly ok: boolean
  readonly digest: string
  readonly message: string
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
  copy(from: string, to: string): Promise<void>
  /** Removes the name; the blob goes with its last name. */
  remove(name: string): Promise<{ freedBytes: number }>
  verify(name: string, signal: AbortSignal): Promise<ModelCheck>
}
