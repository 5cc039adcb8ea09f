// Files that a client sends ahead of a `create`: taken in as they come, hashed on the way, and kept only when they are what their name says.
import { createHash, randomUUID } from "node:crypto"
import { type FileHandle, open, rm } from "node:fs/promises"
import { join } from "node:path"
import { makeFolder } from "@fireside/host"
import { AppError, HTTP_LIMITS } from "@fireside/protocol"
import { digestHex } from "./digest.ts"
import { type DiskRoom, explainWriteError, requireRoom } from "./download/disk.ts"
import { removeOldUnused } from "./garbage.ts"
import type { LibraryWorld } from "./library-world.ts"
import { readModelFile, roleOf } from "./model-file.ts"
import type { FetchedFile } from "./source.ts"

export interface UploadedBlob {
  readonly digest: string
  readonly bytes: AsyncIterable<Uint8Array>
}

export async function hasBlob(digest: string, { blobs }: LibraryWorld): Promise<boolean> {
  return (await blobs.wholeSize(requireDigest(digest))) !== undefined
}

/** Throws `bad-request`, `digest-mismatch`, `body-too-large`, `disk-full`, `cannot-write`; then nothing is kept. */
export async function putBlob(
  { digest, bytes }: UploadedBlob,
  world: LibraryWorld,
  signal: AbortSignal,
): Promise<void> {
  const hex = requireDigest(digest)
  await removeOldUnused(world)
  // As the folder of a download: what a crash leaves here goes with the old partials.
  const folder = join(world.paths.downloads, `upload-${randomUUID()}`)
  const path = join(folder, "blob.part")
  try {
    await makeFolder(folder)
    const actual = await receive(path, bytes, world, signal)
    if (actual !== hex)
      throw new AppError("digest-mismatch", {
        message: `The bytes sent for sha256:${hex} have the digest sha256:${actual}. They were thrown away.`,
        hint: "Compute the digest of the very file that is sent, and send it again.",
        details: { expected: hex, actual },
      })
    // One that is there may be in use: it is left alone, unless it is known to be corrupt.
    if ((await world.blobs.wholeSize(hex)) === undefined) await world.blobs.promote(path, hex)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** An uploaded model or adapter, validated where it lies. Throws `bad-request`, `not-found`, `bad-model-file`. */
export async function uploadedFile(
  digest: string,
  world: LibraryWorld,
  signal: AbortSignal,
): Promise<FetchedFile> {
  const sha256 = requireDigest(digest)
  const name = `sha256-${sha256}`
  const sizeBytes = await world.blobs.wholeSize(sha256)
  if (sizeBytes === undefined)
    throw new AppError("not-found", {
      message: `There is no uploaded file sha256:${sha256}.`,
      hint: "Upload it first.",
    })
  const header = await readModelFile(world.blobs.path(sha256), { role: "any", name }, signal)
  return { name, role: roleOf(header), sizeBytes, sha256, path: undefined }
}

function requireDigest(text: string): string {
  const hex = digestHex(text)
  if (hex !== undefined) return hex
  throw new AppError("bad-request", {
    message: "This is not the digest of a file.",
    hint: "A digest is sha256: and 64 lower-case hex digits.",
    details: { value: text.slice(0, 100) },
  })
}

/** Room on the disk is asked for in these steps: nobody says beforehand how much comes. */
const STEP_BYTES = 64 * 1024 * 1024

/** The digest of what came, hex. */
async function receive(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  world: LibraryWorld,
  signal: AbortSignal,
): Promise<string> {
  const { diskSpace } = world.sources
  const hash = createHash("sha256")
  const hint = "Free some room and send the file again."
  let room: DiskRoom = { folder: world.paths.downloads, neededBytes: 0, what: "The uploaded file", hint }
  let total = 0
  let granted = 0
  let file: FileHandle | undefined
  try {
    file = await open(path, "wx", 0o600)
    for await (const piece of bytes) {
      signal.throwIfAborted()
      total += piece.length
      if (total > HTTP_LIMITS.blobBytes) throw tooLarge()
      if (total > granted) {
        room = { ...room, neededBytes: Math.max(STEP_BYTES, piece.length) }
        await requireRoom(room, diskSpace)
        granted = total + room.neededBytes
      }
      hash.update(piece)
      await file.writeFile(piece)
    }
    signal.throwIfAborted()
    return hash.digest("hex")
  } catch (error) {
    throw await explainWriteError(error, room, diskSpace)
  } finally {
    await file?.close()
  }
}

function tooLarge(): AppError {
  return new AppError("body-too-large", {
    message: `The file has more than ${HTTP_LIMITS.blobBytes} bytes, the most that is taken.`,
    details: { limit: HTTP_LIMITS.blobBytes },
  })
}
