// Where models come from. Read this first of the sources: each implements `Source` in one file of `sources/`, and passes `source.contract.ts`.
import type { Egress, EgressPurpose } from "@fireside/egress"
import type { Clock, Environment, Log } from "@fireside/host"
import type { JobEvent } from "@fireside/protocol"
import type { ReadDiskSpace } from "./download/disk.ts"
import type { DownloadBounds } from "./download/download.ts"
import type { RateLimit } from "./download/rate-limit.ts"
import type { Licence } from "./licence.ts"
import type { PlainReference } from "./reference.ts"

export type BlobRole =
  | "weights"
  | "adapter"
  | "projector"
  | "template"
  | "system"
  | "params"
  | "messages"
  | "licence"

export interface OfferedFile {
  readonly name: string
  readonly role: BlobRole
  /** 0 when the source does not say. */
  readonly sizeBytes: number
  /** 64 hex digits; undefined when the source does not say. */
  readonly sha256?: string
}

/** A file in the downloads folder, whole and hashed, ready to be validated and moved into the blobs. */
export interface FetchedFile {
  readonly name: string
  readonly role: BlobRole
  readonly sizeBytes: number
  readonly sha256: string
  /** Undefined when the blobs have it already. */
  readonly path: string | undefined
}

export interface FetchTarget {
  /** The downloads folder, on the disk of the blobs. */
  readonly folder: string
  /** True when this blob is in the library, whole: it is not fetched again. */
  readonly has: (sha256: string, sizeBytes: number) => Promise<boolean>
  readonly onEvent: (event: JobEvent) => void
  readonly rateLimit: RateLimit
  readonly purpose: EgressPurpose
}

export interface Fetched {
  readonly files: readonly FetchedFile[]
  /** Removes what was only needed on the way (archives). Called when the manifest is written. */
  readonly cleanUp: () => Promise<void>
}

export interface SourceOffer {
  readonly files: readonly OfferedFile[]
  /** Bytes that travel, where it is known and not the sum of the files. */
  readonly downloadBytes?: number
  readonly licence?: Licence
  /** Goes on where an earlier run stopped. Aborting keeps what is there. */
  fetch(target: FetchTarget, signal: AbortSignal): Promise<Fetched>
}

export interface OfferRequest {
  readonly purpose: EgressPurpose
  /** An estimate from the catalogue, for sources that do not say how much comes. */
  readonly expectedBytes?: number
}

export interface Source<Kind extends PlainReference = PlainReference> {
  /**
   * What would be downloaded. Touches no weights. Throws `model-unavailable`, `bad-response`, `network-*`, and for files of the
   * user's `bad-model-file`, `not-found`.
   */
  offer(reference: Kind, request: OfferRequest, signal: AbortSignal): Promise<SourceOffer>
}

/** The world that sources live in, passed in once. */
export interface SourceWorld {
  /** What sources need of the broker. */
  readonly egress: Pick<Egress, "request" | "openProxy" | "assertUnlocked">
  readonly clock: Clock
  /** From 0 up to, not with, 1. */
  readonly random: () => number
  readonly diskSpace: ReadDiskSpace
  readonly log: Log
  readonly environment: Environment
  readonly bounds?: DownloadBounds
}
