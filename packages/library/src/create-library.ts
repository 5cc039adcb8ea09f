// Puts the library together. What a chat needs is here at once; what a pull needs is loaded when something is pulled.
import type { Egress } from "@fireside/egress"
import {
  acquireLock,
  type Clock,
  type Database,
  diskSpace,
  type Environment,
  type Log,
  type Paths,
  SILENT_LOG,
  SYSTEM_CLOCK,
} from "@fireside/host"
import type { JobEvent } from "@fireside/protocol"
import { createBlobs } from "./blobs.ts"
import { CATALOGUE } from "./catalogue-data.ts"
import type { ReadDiskSpace } from "./download/disk.ts"
import type { DownloadBounds } from "./download/download.ts"
import type { CatalogueEntry, Library } from "./library.ts"
import type { LibraryWorld } from "./library-world.ts"
import { createLicenceStore } from "./licence-gate.ts"
import { listModels } from "./list-models.ts"
import { createManifests } from "./manifest.ts"
import { createModelHeaders } from "./model-headers.ts"
import { resolveModel } from "./resolve-model.ts"
import { findStores } from "./stores/find-stores.ts"

/** The settings of the library, named as in the configuration. */
export interface LibrarySettings {
  readonly hfEndpoint?: string | undefined
  readonly hfToken?: string | undefined
  readonly ollamaRegistry?: string | undefined
  readonly ollamaModels?: string | undefined
  readonly lmStudioModels?: string | undefined
  readonly hubCache?: string | undefined
  readonly llamaCppCache?: string | undefined
  /** Program and first arguments, parted by blanks. `pip` and `npm` alone mean: whatever is found. */
  readonly pipCommand?: string | undefined
  readonly npmCommand?: string | undefined
  /** Origins of the user's own network that `https://…/x.gguf` may lead to, plain http too. */
  readonly trustedOrigins?: readonly string[] | undefined
}

export interface LibraryOptions {
  readonly paths: Paths
  readonly settings: LibrarySettings
  /** Opened at its first use. */
  readonly openEgress: () => Promise<Egress>
  /** For accepted licences; opened at its first use. */
  readonly openDatabase: () => Promise<Database>
  /** The user's own, for pip and npm. */
  readonly environment: Environment
  /** Where other programs keep their models by default. */
  readonly userHome: string
  readonly platform?: NodeJS.Platform
  readonly log?: Log
  readonly clock?: Clock
  readonly random?: () => number
  readonly diskSpace?: ReadDiskSpace
  readonly catalogue?: readonly CatalogueEntry[]
  readonly bounds?: DownloadBounds
}

export function createLibrary(options: LibraryOptions): Library {
  const world = createWorld(options)
  return {
    resolve: (reference) => resolveModel(reference, world),
    list: () => listModels(world),
    catalogue: () => world.catalogue,
    async search(query, choice, signal) {
      const { searchModels } = await import("./search-models.ts")
      return await searchModels(query, choice, world, signal)
    },
    async *pull(reference, pullOptions, signal): AsyncGenerator<JobEvent> {
      const [{ pullModel }, { unwrapRefusal }, { removeExpired }] = await Promise.all([
        import("./pull-model.ts"),
        import("./consent.ts"),
        import("./removed-models.ts"),
      ])
      // Its room may be what this pull needs.
      await removeExpired(world)
      try {
        yield* pullModel(reference, pullOptions, world, signal)
      } catch (error) {
        throw unwrapRefusal(error)
      }
    },
    async *importFile(path, name, signal): AsyncGenerator<JobEvent> {
      const { importFile } = await import("./change-library.ts")
      yield* importFile(path, name, world, signal)
    },
    async *create(request, signal): AsyncGenerator<JobEvent> {
      const { createModel } = await import("./create-model.ts")
      yield* createModel(request, world, signal)
    },
    async *convert(request, signal): AsyncGenerator<JobEvent> {
      const { convertModel } = await import("./conversion/convert-model.ts")
      yield* convertModel(request, world, signal)
    },
    async parseModelfile(text, where) {
      const { parseModelfile } = await import("./modelfile/parse-modelfile.ts")
      return parseModelfile(text, where)
    },
    async modelfile(reference) {
      const { modelfileOf } = await import("./modelfile-of.ts")
      return await modelfileOf(reference, world)
    },
    async hasBlob(digest) {
      const { hasBlob } = await import("./uploaded-blobs.ts")
      return await hasBlob(digest, world)
    },
    async putBlob(digest, bytes, signal) {
      const { putBlob } = await import("./uploaded-blobs.ts")
      await putBlob({ digest, bytes }, world, signal)
    },
    async copy(from, to) {
      const { copyModel } = await import("./change-library.ts")
      await copyModel(from, to, world)
    },
    async remove(name, options = {}) {
      const { removeModel } = await import("./change-library.ts")
      return await removeModel({ name, ...options }, world)
    },
    async removed() {
      const { listRemoved } = await import("./removed-models.ts")
      return await listRemoved(world)
    },
    async restore(name) {
      const { restoreModel } = await import("./removed-models.ts")
      return await restoreModel(name, world)
    },
    async sweep() {
      const { removeExpired } = await import("./removed-models.ts")
      return await removeExpired(world)
    },
    async verify(name, signal) {
      const { verifyModel } = await import("./verify-model.ts")
      return await verifyModel(name, world, signal)
    },
  }
}

const DEFAULT_HUB = "https://huggingface.co"
const DEFAULT_OLLAMA = "https://registry.ollama.ai"

function createWorld(options: LibraryOptions): LibraryWorld {
  const { paths, settings, clock = SYSTEM_CLOCK } = options
  const { hfEndpoint, hfToken, ollamaRegistry, trustedOrigins = [] } = settings
  const pipCommand = commandOf(settings.pipCommand, "pip")
  const npmCommand = commandOf(settings.npmCommand, "npm")
  return {
    paths,
    catalogue: options.catalogue ?? CATALOGUE,
    blobs: createBlobs(paths.blobs),
    manifests: createManifests(paths.manifests),
    removed: createManifests(paths.removed),
    headers: createModelHeaders(),
    licences: createLicenceStore(options.openDatabase, () => clock.now()),
    acquireLock,
    stores: findStores(storeConfig(settings), {
      userHome: options.userHome,
      platform: options.platform ?? process.platform,
    }),
    config: {
      // Only an origin that the user chose is trusted to be private; the default one is judged like any other.
      hub: {
        ...(hfEndpoint === undefined || sameOrigin(hfEndpoint, DEFAULT_HUB) ? {} : { endpoint: hfEndpoint }),
        ...(hfToken === undefined || hfToken === "" ? {} : { token: hfToken }),
      },
      ollama:
        ollamaRegistry === undefined || sameOrigin(ollamaRegistry, DEFAULT_OLLAMA)
          ? {}
          : { endpoint: ollamaRegistry },
      packages: {
        ...(pipCommand === undefined ? {} : { pipCommand }),
        ...(npmCommand === undefined ? {} : { npmCommand }),
      },
      trustedOrigins,
    },
    sources: {
      egress: openedLater(options.openEgress),
      clock,
      random: options.random ?? Math.random,
      diskSpace: options.diskSpace ?? diskSpace,
      log: options.log ?? SILENT_LOG,
      environment: options.environment,
      ...(options.bounds === undefined ? {} : { bounds: options.bounds }),
    },
  }
}

function storeConfig(settings: LibrarySettings): Parameters<typeof findStores>[0] {
  const { ollamaModels, lmStudioModels, hubCache, llamaCppCache } = settings
  return {
    ...(ollamaModels === undefined ? {} : { ollamaModels }),
    ...(lmStudioModels === undefined ? {} : { lmStudioModels }),
    ...(hubCache === undefined ? {} : { hubCache }),
    ...(llamaCppCache === undefined ? {} : { llamaCppCache }),
  }
}

function commandOf(setting: string | undefined, usual: string): readonly string[] | undefined {
  const words = (setting ?? "").split(/\s+/).filter((word) => word !== "")
  return words.length === 0 || (words.length === 1 && words[0] === usual) ? undefined : words
}

function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && new URL(a).origin === new URL(b).origin
}

/** The door, opened when someone first goes to it. */
function openedLater(open: () => Promise<Egress>): LibraryWorld["sources"]["egress"] {
  return {
    request: async (request, signal) => (await open()).request(request, signal),
    openProxy: async (request, signal) => (await open()).openProxy(request, signal),
    assertUnlocked: async (purpose) => (await open()).assertUnlocked(purpose),
  }
}
