// A copy of a model with another type of weights, as a model of its own that is made of the first one. The first one is not touched.
import { rm, rmdir } from "node:fs/promises"
import { join } from "node:path"
import { makeFolder } from "@fireside/host"
import { AppError, type JobEvent } from "@fireside/protocol"
import { type BaseModel, readBase } from "../base-model.ts"
import { requireName } from "../change-library.ts"
import { settingFiles, writeSmall } from "../create-model.ts"
import { explainWriteError, requireRoom } from "../download/disk.ts"
import { openDownloadPlace } from "../downloads-folder.ts"
import { streamEvents } from "../event-stream.ts"
import type { ConvertRequest } from "../library.ts"
import type { LibraryWorld } from "../library-world.ts"
import { readModelFile } from "../model-file.ts"
import { formatReference, type PlainReference } from "../reference.ts"
import type { FetchedFile } from "../source.ts"
import { storeFiles } from "../store-files.ts"
import { requireTarget } from "./choose-types.ts"
import { outlineConversion, writeConverted } from "./write-converted.ts"

/** Progress is told when this part of the file is written. */
const PROGRESS_STEPS = 100

export function convertModel(
  request: ConvertRequest,
  world: LibraryWorld,
  signal: AbortSignal,
): AsyncIterable<JobEvent> {
  return streamEvents(async (emit, stop) => {
    const target = requireTarget(request.to)
    const reference = requireName(request.name)
    await using place = await openDownloadPlace(reference, world, stop)
    const folder = join(place.folder, "convert")
    try {
      await rm(folder, { recursive: true, force: true })
      await makeFolder(folder)
      const reading = { world, folder, emit }
      const base = await readBase(request.from, reading, stop)
      requireOther(base, reference)
      requireUnbound(base)
      const weights = await convertWeights({ base, request, target, folder, world, emit }, stop)
      const small = await writeSmall(settingFiles(base.settings), reading)
      const manifest = await storeFiles(
        {
          reference,
          files: [weights, ...base.kept, ...small],
          folder,
          source: base.source,
          licence: base.licence,
          ...(base.name === undefined ? {} : { base: base.name }),
          onEvent: emit,
        },
        world,
        stop,
      )
      emit({ type: "finish", name: manifest.name, digest: `sha256:${weights.sha256}` })
    } finally {
      await rm(folder, { recursive: true, force: true })
      // An unfinished download of the same name keeps its files.
      await rmdir(place.folder).catch(() => {})
    }
  }, signal)
}

interface Conversion {
  readonly base: BaseModel
  readonly request: ConvertRequest
  readonly target: ReturnType<typeof requireTarget>
  readonly folder: string
  readonly world: LibraryWorld
  readonly emit: (event: JobEvent) => void
}

async function convertWeights(
  { base, request, target, folder, world, emit }: Conversion,
  signal: AbortSignal,
): Promise<FetchedFile> {
  const from = base.weights.path ?? world.blobs.path(base.weights.sha256)
  const header = await readModelFile(from, { role: "weights", name: request.from }, signal)
  const { sizeBytes: totalBytes } = outlineConversion(header, target)
  const room = {
    folder,
    neededBytes: totalBytes,
    what: `The copy of ${request.from} as ${target.type}`,
    hint: "Free some room and give the same command again.",
  }
  await requireRoom(room, world.sources.diskSpace)
  emit({ type: "status", message: `writing the weights as ${target.type}` })
  const to = join(folder, "converted.gguf")
  const file = `${request.from} as ${target.type}`
  const startedAt = world.sources.clock.monotonic()
  let told = -1
  const onBytes = (doneBytes: number): void => {
    const step = Math.floor((doneBytes / totalBytes) * PROGRESS_STEPS)
    if (step <= told) return
    told = step
    const seconds = Math.max(world.sources.clock.monotonic() - startedAt, 1) / 1_000
    // `totalBytes` allows for more padding than there is.
    emit({ type: "progress", file, doneBytes, totalBytes, bytesPerSecond: doneBytes / seconds })
  }
  try {
    const written = await writeConverted({ from, to, target, onBytes }, signal)
    return { ...written, name: `${target.type}.gguf`, role: "weights", path: to }
  } catch (error) {
    throw await explainWriteError(error, room, world.sources.diskSpace)
  }
}

function requireOther(base: BaseModel, reference: PlainReference): void {
  const name = formatReference(reference)
  if (base.name !== name) return
  throw new AppError("bad-request", {
    message: `The copy cannot have the name of its original, ${name}.`,
    hint: "Give another name with --name.",
    details: { field: "name" },
  })
}

/** An adapter was made for exactly these weights. */
function requireUnbound(base: BaseModel): void {
  if (base.adapters.length === 0) return
  throw new AppError("unsupported", {
    message: `${base.name ?? "The model"} has an adapter that was made for its present weights.`,
    hint: `Convert the model without its adapter${base.madeOf === undefined ? "" : `: ${base.madeOf}`}.`,
    details: { adapters: base.adapters.length },
  })
}
