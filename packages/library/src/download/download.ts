// One file over HTTP: parallel ranges into a partial file that survives any crash, hashed on the way. Leaves a whole, verified `.part`
// behind; moving it to its place is the work of `blobs.ts`, after the model was validated.
import { dirname } from "node:path"
import type { Egress, EgressPurpose } from "@fireside/egress"
import type { Clock } from "@fireside/host"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"
import { countBytes } from "./byte-ranges.ts"
import { explainWriteError, type ReadDiskSpace } from "./disk.ts"
import { PartialFile } from "./partial-file.ts"
import type { ProgressMeter } from "./progress-meter.ts"
import type { RateLimit } from "./rate-limit.ts"
import { Transfer } from "./transfer.ts"

export interface DownloadTask {
  /** As the user sees it. */
  readonly file: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** 0 when the source does not say. */
  readonly sizeBytes: number
  /** 64 hex digits; undefined when the source does not say. */
  readonly sha256: string | undefined
  readonly partialPath: string
  /** The file must begin as a GGUF file does. */
  readonly weights: boolean
}

/** The bounds that tests make small. */
export interface DownloadBounds {
  readonly rangeBytes: number
  readonly parallelRanges: number
  readonly attempts: number
}

export interface DownloadWorld {
  readonly egress: Pick<Egress, "request">
  readonly purpose: EgressPurpose
  readonly trustedOrigins: readonly string[]
  readonly clock: Clock
  readonly random: () => number
  readonly rateLimit: RateLimit
  readonly diskSpace: ReadDiskSpace
  readonly meter: ProgressMeter
  readonly onNotice: (message: string) => void
  readonly bounds?: DownloadBounds
}

export interface Downloaded {
  readonly path: string
  readonly sizeBytes: number
  /** 64 hex digits. */
  readonly sha256: string
}

/**
 * Downloads, or goes on where an earlier run stopped. Aborting keeps what is there.
 *
 * @throws AppError `network-failed`, `bad-response` (with `details.rule`), `digest-mismatch`, `disk-full`, `cannot-write`,
 * `model-unavailable`; the signal's reason.
 */
export async function download(
  task: DownloadTask,
  world: DownloadWorld,
  signal: AbortSignal,
): Promise<Downloaded> {
  const bounds = world.bounds ?? DOWNLOAD_LIMITS
  let partial: PartialFile | undefined
  try {
    partial = await PartialFile.open(task.partialPath, bounds.rangeBytes)
    const transfer = new Transfer(task, { ...world, bounds }, partial)
    await transfer.run(signal)
    return await verify(task, transfer, signal)
  } catch (error) {
    const sizeBytes = Math.max(task.sizeBytes, partial?.facts.sizeBytes ?? 0)
    const neededBytes = sizeBytes - countBytes(partial?.written ?? [])
    const room = { folder: dirname(task.partialPath), neededBytes, what: task.file }
    throw await explainWriteError(error, room, world.diskSpace)
  } finally {
    await partial?.[Symbol.asyncDispose]()
  }
}

async function verify(task: DownloadTask, transfer: Transfer, signal: AbortSignal): Promise<Downloaded> {
  const { partial } = transfer
  const sizeBytes = partial.facts.sizeBytes
  const sha256 = await transfer.hasher.finish(sizeBytes, signal)
  if (task.sha256 !== undefined && sha256 !== task.sha256) {
    await partial.discard()
    throw new AppError("digest-mismatch", {
      message: `${task.file} was downloaded, but its bytes are not the promised ones (sha256 ${sha256}, promised ${task.sha256}). They were thrown away.`,
      hint: "Try again; if it happens twice, the source or something on the way changes the file.",
      details: { expected: task.sha256, actual: sha256 },
    })
  }
  return { path: partial.path, sizeBytes, sha256 }
}
