// Ollama's folder: `manifests/<host>/<namespace>/<model>/<tag>` and `blobs/sha256-<hex>`.
import { readdir, readFile, stat } from "node:fs/promises"
import { join, relative, sep } from "node:path"
import { DOWNLOAD_LIMITS } from "@fireside/protocol"
import { parseJson } from "../json-fields.ts"
import {
  OLLAMA_HOST,
  OLLAMA_NAMESPACE,
  type OllamaLayer,
  readOllamaManifest,
} from "../sources/ollama-registry.ts"
import { fileInside, type InPlaceModel, namePart } from "./in-place-model.ts"

export async function listOllamaStore(folder: string): Promise<readonly InPlaceModel[]> {
  const root = join(folder, "manifests")
  // No such program, no such folder.
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  const models = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => readModel(folder, relative(root, path).split(sep), path)),
  )
  return models.filter((model) => model !== undefined)
}

async function readModel(
  folder: string,
  [host, namespace, name, tag, ...more]: readonly string[],
  path: string,
): Promise<InPlaceModel | undefined> {
  if (host === undefined || namespace === undefined || name === undefined || tag === undefined)
    return undefined
  if (more.length > 0 || (await stat(path)).size > DOWNLOAD_LIMITS.manifestBytes) return undefined
  let layers: readonly OllamaLayer[]
  try {
    layers = readOllamaManifest(parseJson(await readFile(path, "utf8")), path)
  } catch {
    // Damaged or of another kind: Ollama's own matter, and no model to us.
    return undefined
  }
  // The digest was checked: it is safe as a part of a path.
  const blob = (layer: OllamaLayer): string => join(folder, "blobs", `sha256-${layer.sha256}`)
  const weights = layers.filter((layer) => layer.role === "weights")
  const [only] = weights
  if (only === undefined || weights.length > 1) return undefined
  const file = await fileInside(folder, blob(only))
  if (file === undefined) return undefined
  const settings = layers
    .filter(({ role }) => role !== "weights")
    .map((layer) => ({ role: layer.role, layer }))
  const present = await Promise.all(settings.map(({ layer }) => fileInside(folder, blob(layer))))
  const text = nameOf(host, namespace, name, tag)
  return {
    name: text,
    aliases: [`${host}/${namespace}/${name}:${tag}`, `ollama:${text}`],
    ...file,
    sha256: only.sha256,
    settings: settings.flatMap(({ role }, index) => {
      const found = present[index]
      return found === undefined ? [] : [{ role, path: found.path }]
    }),
    stem: tag,
  }
}

/** As Ollama's own list writes it: what is usual is left out. */
function nameOf(host: string, namespace: string, name: string, tag: string): string {
  const short = `${namePart(name)}:${namePart(tag)}`
  if (host === OLLAMA_HOST && namespace === OLLAMA_NAMESPACE) return short
  return host === OLLAMA_HOST
    ? `${namePart(namespace)}/${short}`
    : `${namePart(host)}/${namePart(namespace)}/${short}`
}
