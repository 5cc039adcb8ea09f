// A model made out of another one: the base's files are shared, what is set differently becomes small files of its own, and the manifest
// comes last.
import { createHash } from "node:crypto"
import { rm, rmdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { makeFolder } from "@fireside/host"
import { AppError, ChatRequest, type JobEvent, MODELFILE_LIMITS, TEMPLATE_LIMITS } from "@fireside/protocol"
import { type BaseModel, type ReadingBase, readBase, readFileOf } from "./base-model.ts"
import { requireName } from "./change-library.ts"
import { checkAdapter } from "./check-adapter.ts"
import { openDownloadPlace } from "./downloads-folder.ts"
import { streamEvents } from "./event-stream.ts"
import { removeOldUnused } from "./garbage.ts"
import type { CreateRequest } from "./library.ts"
import type { LibraryWorld } from "./library-world.ts"
import { recogniseLicence } from "./licence.ts"
import type { Manifest } from "./manifest.ts"
import { readModelFile } from "./model-file.ts"
import { isGoTemplate, type ModelSettings, writeParameterFile } from "./model-settings.ts"
import { formatReference } from "./reference.ts"
import type { BlobRole, FetchedFile } from "./source.ts"
import { storeFiles } from "./store-files.ts"

export function createModel(
  request: CreateRequest,
  world: LibraryWorld,
  signal: AbortSignal,
): AsyncIterable<JobEvent> {
  return streamEvents(async (emit, stop) => {
    const reference = requireName(request.name)
    requireBounds(request)
    await using place = await openDownloadPlace(reference, world, stop)
    const folder = join(place.folder, "create")
    try {
      await makeFolder(folder)
      emit({ type: "status", message: "reading the base" })
      const reading: ReadingBase = { world, folder, emit }
      const base = await readBase(request.from, reading, stop)
      const adapters = await adaptersOf(request, base, reading, stop)
      const settings = layer(base.settings, request, emit)
      await checkFit({ ...base, adapters }, settings, reading, stop)
      const licences = [...base.licenceTexts, ...(request.licences ?? [])]
      const small = await writeSmall([...settingFiles(settings), ...licences.map(licenceFile)], reading)
      const files = distinct([base.weights, ...adapters, ...base.kept, ...small])
      const [licence] = request.licences ?? []
      const manifest = await storeFiles(
        {
          reference,
          files,
          folder,
          source: base.source,
          licence:
            base.licence.name === "unknown" && licence !== undefined
              ? recogniseLicence(licence)
              : base.licence,
          ...baseOf(base, formatReference(reference)),
          onEvent: emit,
        },
        world,
        stop,
      )
      await requireStillWhole(manifest, request, world)
      emit({ type: "finish", name: manifest.name, digest: `sha256:${base.weights.sha256}` })
    } finally {
      await rm(folder, { recursive: true, force: true })
      // An unfinished download of the same name keeps its files.
      await rmdir(place.folder).catch(() => {})
    }
    await removeOldUnused(world)
  }, signal)
}

/** A model that is made again out of itself is still made of what it was made of. */
function baseOf({ name, madeOf }: BaseModel, own: string): { readonly base?: string } {
  const base = name === own ? madeOf : name
  return base === undefined ? {} : { base }
}

/** A model's defaults are held to what a chat may ask for. */
const Settings = ChatRequest.pick({ sampling: true, stop: true, maxTokens: true, contextLength: true })

/** Requests that come as JSON pass the limits here; those of a Modelfile have passed them with their line. */
function requireBounds(request: CreateRequest): void {
  const { template, system, adapters, messages, licences } = request
  const texts = [template, system, ...(licences ?? []), ...(messages ?? []).map(({ content }) => content)]
  const sizes = [
    ["template", Buffer.byteLength(template ?? ""), TEMPLATE_LIMITS.sourceBytes],
    ["text", texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ""), 0), MODELFILE_LIMITS.bytes],
    ["adapters", adapters?.length ?? 0, MODELFILE_LIMITS.adapters],
    ["messages", messages?.length ?? 0, MODELFILE_LIMITS.messages],
  ] as const
  for (const [what, count, most] of sizes)
    if (count > most)
      throw new AppError("bad-request", {
        message: `The model has too much ${what}: ${count}, where at most ${most} is taken.`,
        details: { what, count, most },
      })
  const [issue] = Settings.safeParse(request).error?.issues ?? []
  if (issue === undefined) return
  const field = issue.path.join(".")
  throw new AppError("bad-request", {
    message: `The model cannot have this ${field}: ${issue.message}.`,
    details: { field },
  })
}

async function adaptersOf(
  { adapters }: CreateRequest,
  base: BaseModel,
  reading: ReadingBase,
  signal: AbortSignal,
): Promise<readonly FetchedFile[]> {
  if (adapters === undefined) return base.adapters
  const files: FetchedFile[] = []
  for (const adapter of adapters) files.push(await readFileOf(adapter, "adapter", reading, signal))
  return files
}

/** The base's settings under those of the request. An empty text or list takes away what the base has. */
function layer(base: ModelSettings, request: CreateRequest, emit: (event: JobEvent) => void): ModelSettings {
  const { system, stop, messages, contextLength, maxTokens } = request
  const isGo = request.template !== undefined && isGoTemplate(request.template)
  if (isGo)
    emit({
      type: "notice",
      message:
        "The template is written in Go's template language and is left aside; the template of the model's own file is used.",
    })
  const template = isGo ? undefined : request.template
  return {
    ...base,
    sampling: { ...base.sampling, ...request.sampling },
    ...(system === undefined ? {} : { system }),
    ...(template === undefined ? {} : { template }),
    ...(stop === undefined ? {} : { stop }),
    ...(messages === undefined ? {} : { messages }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  }
}

export interface SmallFile {
  readonly role: BlobRole
  readonly text: string
}

const licenceFile = (text: string): SmallFile => ({ role: "licence", text })

/** In the formats that `model-settings.ts` reads. */
export function settingFiles(settings: ModelSettings): readonly SmallFile[] {
  const { system = "", template = "", messages = [] } = settings
  const parameters = writeParameterFile(settings)
  return [
    ...(template === "" ? [] : [{ role: "template", text: template } as const]),
    ...(system === "" ? [] : [{ role: "system", text: system } as const]),
    ...(parameters === undefined ? [] : [{ role: "params", text: parameters } as const]),
    ...(messages.length === 0 ? [] : [{ role: "messages", text: JSON.stringify(messages) } as const]),
  ]
}

export async function writeSmall(
  files: readonly SmallFile[],
  { world, folder }: ReadingBase,
): Promise<readonly FetchedFile[]> {
  const written: FetchedFile[] = []
  for (const [index, { role, text }] of files.entries()) {
    const bytes = Buffer.from(text)
    const sha256 = createHash("sha256").update(bytes).digest("hex")
    const facts = { name: role, role, sizeBytes: bytes.length, sha256 }
    const path = (await world.blobs.isWhole(sha256, bytes.length)) ? undefined : join(folder, `${index}.part`)
    if (path !== undefined) await writeFile(path, bytes, { flag: "wx", mode: 0o600 })
    written.push({ ...facts, path })
  }
  return written
}

/** A file once for each role: the second text of a licence, an adapter named twice. */
function distinct(files: readonly FetchedFile[]): readonly FetchedFile[] {
  const seen = new Set<string>()
  return files.filter(({ role, sha256 }) => {
    const key = `${role} ${sha256}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

async function checkFit(
  { weights, adapters }: Pick<BaseModel, "weights" | "adapters">,
  { contextLength }: ModelSettings,
  { world, emit }: ReadingBase,
  signal: AbortSignal,
): Promise<void> {
  const headerOf = async ({ path, sha256, name }: FetchedFile, role: "weights" | "adapter") => ({
    name,
    header: await readModelFile(path ?? world.blobs.path(sha256), { role, name }, signal),
  })
  const base = await headerOf(weights, "weights")
  for (const adapter of adapters) checkAdapter(await headerOf(adapter, "adapter"), base)
  const architecture = String(base.header.metadata.get("general.architecture")?.value ?? "")
  const most = Number(base.header.metadata.get(`${architecture}.context_length`)?.value ?? 0)
  if (contextLength !== undefined && most > 0 && contextLength > most)
    emit({
      type: "notice",
      message: `A context of ${contextLength} tokens is more than the model has; it will be loaded with ${most}.`,
    })
}

/** The base may have been removed by another process while this one was being made. */
async function requireStillWhole(
  manifest: Manifest,
  { from }: CreateRequest,
  world: LibraryWorld,
): Promise<void> {
  for (const { sha256, sizeBytes } of manifest.blobs) {
    if (await world.blobs.isWhole(sha256, sizeBytes)) continue
    await world.manifests.remove(requireName(manifest.name))
    throw new AppError("model-not-found", {
      message: `${from} was removed while ${manifest.name} was being made of it.`,
      hint: `Get it again with: fireside pull ${from}`,
      details: { name: from, close: [] },
    })
  }
}
