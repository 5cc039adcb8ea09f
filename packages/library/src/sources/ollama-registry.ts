// Registries that speak Ollama's protocol: a manifest, and blobs by digest (weights, template, parameters, licence).

import { createHash } from "node:crypto"
import type { EgressPurpose } from "@fireside/egress"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"
import { requireDigestHex } from "../digest.ts"
import { asArray, asCount, asRecord, asText } from "../json-fields.ts"
import { type Licence, recogniseLicence, UNKNOWN_LICENCE } from "../licence.ts"
import { formatReference, type OllamaReference } from "../reference.ts"
import type { BlobRole, Source, SourceWorld } from "../source.ts"
import { fetchJson, fetchSmall } from "./fetch-json.ts"
import { fetchRemoteFiles, type RemoteFile } from "./remote-files.ts"

export const OLLAMA_HOST = "registry.ollama.ai"
export const OLLAMA_NAMESPACE = "library"

export interface OllamaConfig {
  /** Origin used in place of https://registry.ollama.ai; may be private and plain http. */
  readonly endpoint?: string
}

/** What the layers of a manifest are to us. Layers of other kinds are left out. */
const ROLES: Readonly<Record<string, BlobRole>> = {
  "application/vnd.ollama.image.model": "weights",
  "application/vnd.ollama.image.adapter": "adapter",
  "application/vnd.ollama.image.projector": "projector",
  "application/vnd.ollama.image.template": "template",
  "application/vnd.ollama.image.system": "system",
  "application/vnd.ollama.image.params": "params",
  "application/vnd.ollama.image.messages": "messages",
  "application/vnd.ollama.image.license": "licence",
}

export interface OllamaLayer {
  readonly role: BlobRole
  readonly sha256: string
  readonly sizeBytes: number
}

/** The layers of a manifest that we know. Throws `bad-response` for everything that is not one. */
export function readOllamaManifest(value: unknown, from: string): readonly OllamaLayer[] {
  const layers = asArray(asRecord(value)?.layers)
  if (layers === undefined || layers.length > 100)
    throw new AppError("bad-response", {
      message: `${from} is not a manifest.`,
      details: { rule: "manifest" },
    })
  const known: OllamaLayer[] = []
  for (const item of layers) {
    const layer = asRecord(item)
    const role = ROLES[asText(layer?.mediaType) ?? ""]
    if (layer === undefined || role === undefined) continue
    const sizeBytes = asCount(layer.size)
    if (sizeBytes === undefined || sizeBytes === 0 || sizeBytes > DOWNLOAD_LIMITS.fileBytes)
      throw new AppError("bad-response", {
        message: `${from} gives a layer no size.`,
        details: { rule: "size" },
      })
    known.push({ role, sha256: requireDigestHex(layer.digest, from), sizeBytes })
  }
  return known
}

export function createOllamaSource(config: OllamaConfig, world: SourceWorld): Source<OllamaReference> {
  return {
    async offer(reference, { purpose }, signal) {
      const { base, trustedOrigins } = addressOf(reference, config)
      const name = formatReference(reference)
      const what = `The manifest of ${name}`
      const { value } = await fetchJson(
        {
          url: `${base}/manifests/${reference.tag ?? "latest"}`,
          what,
          trustedOrigins,
          purpose,
          headers: { accept: "application/vnd.docker.distribution.manifest.v2+json" },
        },
        world,
        signal,
      )
      const layers = readOllamaManifest(value, what)
      const weights = layers.filter((layer) => layer.role === "weights")
      if (weights.length !== 1)
        throw new AppError("model-unavailable", {
          message: `${name} has ${weights.length} weights files in the registry; one GGUF file is needed.`,
        })
      const blobUrl = (layer: OllamaLayer): string => `${base}/blobs/sha256:${layer.sha256}`
      const files = layers.map(
        (layer, index): RemoteFile => ({
          ...layer,
          name: layer.role === "weights" ? `${name}.gguf` : `${layer.role}-${index}`,
          url: blobUrl(layer),
        }),
      )
      const licences = layers.filter((layer) => layer.role === "licence")
      const licence = await readLicence(licences[0], blobUrl, { trustedOrigins, purpose, world }, signal)
      return {
        files,
        licence,
        fetch: (target, stop) => fetchRemoteFiles(files, trustedOrigins, { target, world }, stop),
      }
    },
  }
}

function addressOf(
  reference: OllamaReference,
  config: OllamaConfig,
): { readonly base: string; readonly trustedOrigins: readonly string[] } {
  const own =
    config.endpoint !== undefined && (reference.host === undefined || reference.host === OLLAMA_HOST)
  const origin = own ? new URL(config.endpoint ?? "").origin : `https://${reference.host ?? OLLAMA_HOST}`
  return {
    base: `${origin}/v2/${reference.namespace ?? OLLAMA_NAMESPACE}/${reference.name}`,
    trustedOrigins: own ? [origin] : [],
  }
}

interface LicenceWorld {
  readonly trustedOrigins: readonly string[]
  readonly purpose: EgressPurpose
  readonly world: SourceWorld
}

/** The licence comes before the weights, so that it can be shown first. */
async function readLicence(
  layer: OllamaLayer | undefined,
  urlOf: (layer: OllamaLayer) => string,
  { trustedOrigins, purpose, world }: LicenceWorld,
  signal: AbortSignal,
): Promise<Licence> {
  if (layer === undefined) return UNKNOWN_LICENCE
  const what = "The licence in the registry"
  const { bytes } = await fetchSmall({ url: urlOf(layer), what, trustedOrigins, purpose }, world, signal)
  if (createHash("sha256").update(bytes).digest("hex") !== layer.sha256)
    throw new AppError("digest-mismatch", { message: `${what} does not have the promised sha256.` })
  return recogniseLicence(new TextDecoder().decode(bytes))
}
