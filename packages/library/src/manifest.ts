// What a name of the library stands for: one JSON file a name, `manifests/<host>/<namespace>/<name>/<tag>.json`, written last and at
// once, so a name exists exactly when everything behind it does.
import { createHash } from "node:crypto"
import { readdir, readFile, rm } from "node:fs/promises"
import { dirname, join, relative, sep } from "node:path"
import { isAbsent, resolveInside, syncFolder, writeDurably } from "@fireside/host"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"
import { requireDigestHex } from "./digest.ts"
import { asArray, asCount, asRecord, asText, parseJson } from "./json-fields.ts"
import type { Licence } from "./licence.ts"
import type { ModelFacts } from "./model-file.ts"
import { formatReference, type PlainReference, type Reference } from "./reference.ts"
import type { BlobRole } from "./source.ts"

export interface ManifestBlob {
  readonly role: BlobRole
  /** 64 hex digits. */
  readonly sha256: string
  readonly sizeBytes: number
  /** As the source named the file. */
  readonly name: string
}

export interface Manifest {
  readonly name: string
  /** The reference that it was got from; `file:` and a name for imports. */
  readonly source: string
  readonly pulledAt: string
  readonly licence: Licence
  readonly blobs: readonly ManifestBlob[]
  /** The model of the library that it was made of; undefined for what was pulled or imported. */
  readonly base?: string
  /** Digests of the weights as the source offers them: other than the blobs' where parts were joined. */
  readonly offered: readonly string[]
  readonly facts: ModelFacts
  /** Only of those that wait aside after a removal. */
  readonly removedAt?: string
}

export interface ListedManifest {
  readonly name: string
  readonly path: string
  readonly manifest: Manifest | undefined
  /** Why there is none. */
  readonly problem?: string
}

export interface Manifests {
  /** Undefined when the name is not there. Throws `corrupt-data` when its file is not a manifest. */
  read(reference: Reference): Promise<Manifest | undefined>
  list(): Promise<readonly ListedManifest[]>
  /** Durable when it resolves. */
  write(reference: Reference, manifest: Manifest): Promise<void>
  /** True when there was one, readable or not. */
  remove(reference: Reference): Promise<boolean>
}

const ROLES: readonly BlobRole[] = [
  "weights",
  "adapter",
  "projector",
  "template",
  "system",
  "params",
  "messages",
  "licence",
]

export function createManifests(folder: string): Manifests {
  const pathOf = (reference: Reference): string | undefined => {
    const key = manifestKey(reference)
    return key === undefined ? undefined : resolveInside(folder, `${key.join("/")}.json`)
  }
  return {
    async read(reference) {
      const path = pathOf(reference)
      const text = path === undefined ? undefined : await readOptional(path)
      return text === undefined ? undefined : parseManifest(text, formatReference(reference))
    },
    async list() {
      const paths = await manifestPaths(folder)
      return await Promise.all(paths.map((path) => readListed(folder, path)))
    },
    async write(reference, manifest) {
      const path = pathOf(reference)
      if (path === undefined)
        throw new Error(`${formatReference(reference)} is not a name that can be stored`)
      await writeDurably(path, `${JSON.stringify({ version: 1, ...manifest }, undefined, 2)}\n`)
    },
    async remove(reference) {
      const path = pathOf(reference)
      if (path === undefined || (await readOptional(path)) === undefined) return false
      await rm(path)
      await syncFolder(dirname(path))
      return true
    },
  }
}

/**
 * Host, namespace, name and tag as folders and file; undefined for what is not a name (paths, base+adapter). Lower case, because file
 * systems differ in what they think of letters.
 */
export function manifestKey(reference: Reference): readonly string[] | undefined {
  switch (reference.type) {
    case "name":
    case "ollama": {
      const host = reference.host ?? (reference.type === "ollama" ? "registry.ollama.ai" : "local")
      return [host, reference.namespace ?? "library", reference.name, reference.tag ?? "latest"].map(segment)
    }
    case "hub":
      return [
        "hf.co",
        reference.owner,
        reference.repo,
        reference.file ?? reference.quantization ?? "latest",
      ].map(segment)
    case "package": {
      const [scope, name] = reference.package.startsWith("@")
        ? reference.package.slice(1).split("/", 2)
        : ["library", reference.package]
      return [`${reference.client}-package`, scope ?? "", name ?? "", "latest"].map(segment)
    }
    case "url": {
      const url = new URL(reference.url)
      const digest = createHash("sha256").update(reference.url).digest("hex").slice(0, 16)
      return ["url", url.host, url.pathname.split("/").at(-1) ?? "model", digest].map(segment)
    }
    case "path":
    case "adapted":
      return undefined
    default:
      return reference satisfies never
  }
}

const LONGEST_SEGMENT = 120

function segment(text: string): string {
  const safe = text
    .toLowerCase()
    .replace(/[^a-z0-9_.-]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
  if (safe.length <= LONGEST_SEGMENT) return safe
  return `${safe.slice(0, LONGEST_SEGMENT - 17)}-${createHash("sha256").update(text).digest("hex").slice(0, 16)}`
}

function parseManifest(text: string, name: string): Manifest {
  const broken = (what: string): AppError =>
    new AppError("corrupt-data", {
      message: `The manifest of ${name} is damaged (${what}).`,
      hint: `Get it again with: fireside pull ${name}`,
      details: { name },
    })
  const value = text.length > DOWNLOAD_LIMITS.manifestBytes ? undefined : asRecord(parseJson(text))
  if (value === undefined || value.version !== 1) throw broken("not a manifest of version 1")
  const blobs = asArray(value.blobs)?.map(asRecord)
  const facts = asRecord(value.facts)
  const licence = asRecord(value.licence)
  const source = asText(value.source)
  const stored = asText(value.name)
  if (blobs === undefined || facts === undefined || licence === undefined) throw broken("parts are missing")
  if (source === undefined || stored === undefined) throw broken("name or source are missing")
  const parsed = blobs.map((blob): ManifestBlob => {
    const role = ROLES.find((known) => known === blob?.role)
    const sizeBytes = asCount(blob?.sizeBytes)
    if (role === undefined || sizeBytes === undefined) throw broken("a blob is not described")
    const sha256 = requireStoredDigest(blob?.sha256, broken)
    return { role, sizeBytes, sha256, name: asText(blob?.name) ?? "" }
  })
  if (!parsed.some(({ role }) => role === "weights" || role === "adapter")) throw broken("it has no weights")
  const url = asText(licence.url)
  const base = asText(value.base)
  const removedAt = asText(value.removedAt)
  return {
    name: stored,
    source,
    pulledAt: asText(value.pulledAt) ?? "",
    licence: {
      name: asText(licence.name) ?? "unknown",
      permissive: licence.permissive === true,
      ...(url === undefined ? {} : { url }),
    },
    blobs: parsed,
    ...(base === undefined ? {} : { base }),
    ...(removedAt === undefined ? {} : { removedAt }),
    offered: (asArray(value.offered) ?? []).map(asText).filter((item) => item !== undefined),
    facts: {
      architecture: asText(facts.architecture) ?? "",
      parameters: asCount(facts.parameters) ?? 0,
      quantization: asText(facts.quantization) ?? "",
      contextLength: asCount(facts.contextLength) ?? 0,
      licence: asText(facts.licence) ?? "",
    },
  }
}

function requireStoredDigest(value: unknown, broken: (what: string) => AppError): string {
  try {
    return requireDigestHex(`sha256:${String(value)}`, "The manifest")
  } catch {
    // In a file of ours a bad digest is damage, not somebody's answer.
    throw broken("a digest is not one")
  }
}

async function manifestPaths(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return []
    throw error
  })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json") && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

async function readListed(folder: string, path: string): Promise<ListedManifest> {
  const shown = nameOfPath(relative(folder, path))
  try {
    const manifest = parseManifest(await readFile(path, "utf8"), shown)
    return { name: manifest.name, path, manifest }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { name: shown, path, manifest: undefined, problem }
  }
}

/** The best guess at a name whose manifest cannot be read: it must still be possible to remove it. */
function nameOfPath(path: string): string {
  const [host = "", namespace = "", name = "", tag = ""] = path.slice(0, -".json".length).split(sep)
  if (host === "hf.co") return `hf:${namespace}/${name}${tag === "latest" ? "" : `:${tag.toUpperCase()}`}`
  const prefix = host === "local" ? "" : `${host}/`
  return `${prefix}${namespace === "library" && prefix === "" ? "" : `${namespace}/`}${name}:${tag}`
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8")
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/** The reference under which a name is stored: with its tag written out, without a digest. */
export function storedReference(reference: PlainReference): PlainReference {
  if (reference.type === "name") {
    const { digest: _digest, ...rest } = reference
    return { ...rest, tag: reference.tag ?? "latest" }
  }
  if (reference.type === "ollama") return { ...reference, tag: reference.tag ?? "latest" }
  return reference
}
