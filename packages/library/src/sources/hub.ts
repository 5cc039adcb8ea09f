// The hub (huggingface.co or one that speaks its API): GGUF files of a repository at one revision, with the sizes and digests that
// the hub itself states.
import type { EgressPurpose } from "@fireside/egress"
import { AppError } from "@fireside/protocol"
import { asArray, asCount, asRecord, asText, type JsonRecord } from "../json-fields.ts"
import { type Licence, licenceOf, UNKNOWN_LICENCE } from "../licence.ts"
import { formatReference, type HubReference } from "../reference.ts"
import type { Source, SourceOffer, SourceWorld } from "../source.ts"
import { fetchJson } from "./fetch-json.ts"
import { chooseModel, groupModels } from "./gguf-names.ts"
import { fetchRemoteFiles, type RemoteFile } from "./remote-files.ts"

export const DEFAULT_HUB = "https://huggingface.co"

export interface HubConfig {
  /** Origin of the hub. Defaults to https://huggingface.co. One that the user set may be private and plain http. */
  readonly endpoint?: string
  /** Sent to the hub's origin only. */
  readonly token?: string
}

export interface HubFile {
  readonly name: string
  readonly sizeBytes: number
  readonly sha256: string | undefined
}

/** A repository with more pages of files than this is not one of a model. */
const MOST_PAGES = 20

export function createHubSource(config: HubConfig, world: SourceWorld): Source<HubReference> {
  const hub = openHub(config, world)
  return {
    async offer(reference, request, signal) {
      const facts = await hub.repository(reference, request.purpose, signal)
      const listed = await hub.files(reference, facts.revision, request.purpose, signal)
      const chosen = choose(reference, listed)
      const files = chosen.map(
        (file): RemoteFile => ({
          name: file.name.slice(file.name.lastIndexOf("/") + 1),
          role: "weights",
          sizeBytes: file.sizeBytes,
          url: hub.fileUrl(reference, facts.revision, file.name),
          headers: hub.headers,
          ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
        }),
      )
      return offerOf(files, facts.licence)
    },
  }

  function offerOf(files: readonly RemoteFile[], licence: Licence): SourceOffer {
    return {
      files,
      licence,
      fetch: (target, signal) => fetchRemoteFiles(files, hub.trustedOrigins, { target, world }, signal),
    }
  }
}

export interface Hub {
  readonly headers: Readonly<Record<string, string>>
  readonly trustedOrigins: readonly string[]
  repository(
    reference: HubReference,
    purpose: EgressPurpose,
    signal: AbortSignal,
  ): Promise<{ readonly revision: string; readonly licence: Licence }>
  files(
    reference: HubReference,
    revision: string,
    purpose: EgressPurpose,
    signal: AbortSignal,
  ): Promise<readonly HubFile[]>
  fileUrl(reference: HubReference, revision: string, path: string): string
  get(path: string, what: string, purpose: EgressPurpose, signal: AbortSignal): Promise<unknown>
}

export function openHub(config: HubConfig, world: SourceWorld): Hub {
  const endpoint = (config.endpoint ?? DEFAULT_HUB).replace(/\/+$/, "")
  const headers: Readonly<Record<string, string>> =
    config.token === undefined ? {} : { authorization: `Bearer ${config.token}` }
  const trustedOrigins = config.endpoint === undefined ? [] : [new URL(endpoint).origin]

  function ask(
    url: string,
    what: string,
    purpose: EgressPurpose,
    signal: AbortSignal,
  ): Promise<{ readonly value: unknown; readonly headers: Readonly<Record<string, string>> }> {
    return fetchJson({ url, what, headers, trustedOrigins, purpose }, world, signal)
  }

  return {
    headers,
    trustedOrigins,
    get: async (path, what, purpose, signal) =>
      (await ask(`${endpoint}${path}`, what, purpose, signal)).value,
    fileUrl: ({ owner, repo }, revision, path) =>
      `${endpoint}/${owner}/${repo}/resolve/${revision}/${path.split("/").map(encodeURIComponent).join("/")}`,
    async repository({ owner, repo }, purpose, signal) {
      const what = `The hub's entry of ${owner}/${repo}`
      const { value } = await ask(`${endpoint}/api/models/${owner}/${repo}`, what, purpose, signal)
      const facts = asRecord(value)
      const revision = asText(facts?.sha)
      if (facts === undefined || revision === undefined || !/^[0-9a-f]{40,64}$/.test(revision))
        throw new AppError("bad-response", {
          message: `${what} names no revision.`,
          details: { rule: "revision" },
        })
      return { revision, licence: licenceOfCard(facts, `${endpoint}/${owner}/${repo}`) }
    },
    async files({ owner, repo }, revision, purpose, signal) {
      const what = `The hub's list of files of ${owner}/${repo}`
      const files: HubFile[] = []
      let url: string | undefined = `${endpoint}/api/models/${owner}/${repo}/tree/${revision}?recursive=true`
      for (let page = 0; url !== undefined && page < MOST_PAGES; page += 1) {
        const answer: Awaited<ReturnType<typeof ask>> = await ask(url, what, purpose, signal)
        const entries = asArray(answer.value)
        if (entries === undefined)
          throw new AppError("bad-response", { message: `${what} is not a list.`, details: { rule: "json" } })
        files.push(...entries.map(readFileEntry).filter((file) => file !== undefined))
        url = nextPage(answer.headers.link, endpoint)
      }
      return files
    },
  }
}

function readFileEntry(value: unknown): HubFile | undefined {
  const entry = asRecord(value)
  if (entry === undefined || entry.type !== "file") return undefined
  const name = asText(entry.path)
  const lfs = asRecord(entry.lfs)
  const sizeBytes = asCount(lfs?.size) ?? asCount(entry.size)
  if (name === undefined || sizeBytes === undefined || !isSafePath(name)) return undefined
  const oid = asText(lfs?.oid)?.replace(/^sha256:/, "")
  return { name, sizeBytes, sha256: oid !== undefined && /^[0-9a-f]{64}$/.test(oid) ? oid : undefined }
}

/** The path becomes part of an address only, but nothing good has such a name. */
function isSafePath(path: string): boolean {
  return path.length <= 1_024 && path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
}

/** The next page, only where it lies on the hub itself. */
function nextPage(link: string | undefined, endpoint: string): string | undefined {
  const url = /<([^>]{1,2000})>;\s*rel="next"/.exec(link ?? "")?.[1]
  if (url === undefined || !URL.canParse(url)) return undefined
  return new URL(url).origin === new URL(endpoint).origin ? url : undefined
}

function choose(reference: HubReference, listed: readonly HubFile[]): readonly HubFile[] {
  const name = formatReference(reference)
  if (reference.file !== undefined) return chooseFile(reference.file, listed, name)
  const models = groupModels(listed)
  const model = chooseModel(models, reference.quantization)
  const available = [...new Set(models.map(({ quantization, stem }) => quantization || stem))]
  if (model === undefined)
    throw new AppError("model-unavailable", {
      message:
        models.length === 0
          ? `${name}: the repository has no GGUF file.`
          : `${name}: the repository has no ${reference.quantization}. It has: ${available.slice(0, 40).join(", ")}.`,
      details: { available },
    })
  if (!model.complete)
    throw new AppError("model-unavailable", {
      message: `${name}: parts of ${model.stem} are missing at the hub.`,
    })
  return model.files
}

/** The named file; of a split model all parts, whichever was named. */
function chooseFile(path: string, listed: readonly HubFile[], name: string): readonly HubFile[] {
  const model = groupModels(listed).find((candidate) => candidate.files.some((file) => file.name === path))
  const files = model?.files ?? listed.filter((file) => file.name === path)
  if (files.length === 0)
    throw new AppError("model-unavailable", { message: `${name}: the repository has no such file.` })
  if (model?.complete === false)
    throw new AppError("model-unavailable", {
      message: `${name}: parts of ${model.stem} are missing at the hub.`,
    })
  return files
}

function licenceOfCard(facts: JsonRecord, url: string): Licence {
  const card = asRecord(facts.cardData)
  const tag = (asArray(facts.tags) ?? []).map(asText).find((text) => text?.startsWith("license:"))
  const identifier = asText(card?.license) ?? tag?.slice("license:".length)
  if (identifier === undefined) return { ...UNKNOWN_LICENCE, url }
  const link = asText(card?.license_link)
  const name = asText(card?.license_name)
  return licenceOf(identifier, {
    url: link !== undefined && /^https:\/\//.test(link) ? link : url,
    ...(name === undefined ? {} : { name }),
  })
}
