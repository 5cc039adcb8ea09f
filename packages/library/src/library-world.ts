// What the parts of the library share: the world passed in, and the stores made from it.
import type { FileLock, LockRequest, Paths } from "@fireside/host"
import type { Blobs } from "./blobs.ts"
import type { CatalogueEntry } from "./library.ts"
import type { LicenceStore } from "./licence-gate.ts"
import type { Manifests } from "./manifest.ts"
import type { ModelHeaders } from "./model-headers.ts"
import type { SourceWorld } from "./source.ts"
import type { HubConfig } from "./sources/hub.ts"
import type { OllamaConfig } from "./sources/ollama-registry.ts"
import type { PackageConfig } from "./sources/package-source.ts"
import type { InPlaceStore } from "./stores/in-place-model.ts"

export interface SourceConfig {
  readonly hub: HubConfig
  readonly ollama: OllamaConfig
  readonly packages: PackageConfig
  /** Origins of the user's own network for `https://…/x.gguf`. */
  readonly trustedOrigins: readonly string[]
}

export interface LibraryWorld {
  readonly paths: Paths
  readonly sources: SourceWorld
  readonly config: SourceConfig
  readonly catalogue: readonly CatalogueEntry[]
  readonly blobs: Blobs
  readonly manifests: Manifests
  /** Those of models that were removed and can be had back. */
  readonly removed: Manifests
  readonly headers: ModelHeaders
  readonly stores: readonly InPlaceStore[]
  readonly licences: LicenceStore
  readonly acquireLock: (request: LockRequest, signal: AbortSignal) => Promise<FileLock>
}
