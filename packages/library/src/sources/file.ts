// A file of the user's own disk: copied (or cloned, where the file system can), never linked and never read through a link.
import { createHash, randomUUID } from "node:crypto"
import { constants, createReadStream } from "node:fs"
import { copyFile, type FileHandle, open, rm } from "node:fs/promises"
import { basename, join, resolve } from "node:path"
import { makeFolder } from "@fireside/host"
import { hashFile } from "../blobs.ts"
import { explainWriteError, requireRoom } from "../download/disk.ts"
import { createProgressMeter } from "../download/progress-meter.ts"
import { readModelFile, roleOf } from "../model-file.ts"
import type { PathReference } from "../reference.ts"
import type { Fetched, FetchTarget, Source, SourceWorld } from "../source.ts"

export function createFileSource(world: SourceWorld): Source<PathReference> {
  return {
    async offer({ path }, _request, signal) {
      const full = resolve(path)
      const name = basename(full)
      // Before anything is copied: a device, a link, a picture or a terabyte of nothing is refused by its first bytes.
      const header = await readModelFile(full, { role: "any", name: full }, signal)
      const role = roleOf(header)
      const sizeBytes = header.fileSizeBytes
      return {
        files: [{ name, role, sizeBytes }],
        downloadBytes: 0,
        fetch: (target, stop) => copyIn({ full, name, role, sizeBytes, target, world }, stop),
      }
    },
  }
}

interface Copying {
  readonly full: string
  readonly name: string
  readonly role: "weights" | "adapter"
  readonly sizeBytes: number
  readonly target: FetchTarget
  readonly world: SourceWorld
}

async function copyIn(copying: Copying, signal: AbortSignal): Promise<Fetched> {
  const { full, name, role, sizeBytes, target, world } = copying
  const path = join(target.folder, `import-${randomUUID()}.part`)
  const room = { folder: target.folder, neededBytes: sizeBytes, what: name }
  const meter = createProgressMeter(name, target.onEvent, world.clock)
  const source = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    await makeFolder(target.folder)
    meter.start(0, sizeBytes)
    let sha256: string
    if (await cloned(source, path)) sha256 = await hashFile(path, (count) => meter.add(count), signal)
    else {
      await requireRoom(room, world.diskSpace)
      sha256 = await copyBytes(source, path, (count) => meter.add(count), signal)
    }
    meter.finish()
    const facts = { name, role, sizeBytes, sha256, path }
    return { files: [facts], cleanUp: () => rm(path, { force: true }) }
  } catch (error) {
    await rm(path, { force: true })
    throw await explainWriteError(error, room, world.diskSpace)
  } finally {
    await source.close()
  }
}

/** A copy that shares the blocks: no time, no room. By descriptor, so that the file is the one that was opened. */
async function cloned(source: FileHandle, path: string): Promise<boolean> {
  if (process.platform !== "linux") return false
  try {
    await copyFile(
      `/proc/self/fd/${source.fd}`,
      path,
      constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL,
    )
    return true
  } catch {
    // Most file systems cannot; then the bytes are copied.
    await rm(path, { force: true })
    return false
  }
}

async function copyBytes(
  source: FileHandle,
  path: string,
  onBytes: (count: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash("sha256")
  const copy = await open(path, "wx", 0o600)
  try {
    const stream = createReadStream("", {
      fd: source,
      autoClose: false,
      start: 0,
      highWaterMark: 1024 * 1024,
    })
    for await (const piece of stream) {
      signal.throwIfAborted()
      const bytes = piece as Uint8Array // no encoding was set
      hash.update(bytes)
      await copy.writeFile(bytes)
      onBytes(bytes.length)
    }
    return hash.digest("hex")
  } finally {
    await copy.close()
  }
}
