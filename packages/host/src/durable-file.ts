// Files that are there, whole, after a power cut: temp → fsync → rename → fsync(dir). What is acknowledged went through here.
import { randomUUID } from "node:crypto"
import { open, rename, statfs, unlink } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { makeFolder } from "./make-folder.ts"
import { FILE_MODE } from "./prepare-home.ts"
import { isAbsent, systemCode, toWriteError } from "./write-error.ts"

export interface DurableWrite {
  /** Rights of the file. Defaults to 0600. */
  readonly mode?: number
}

/**
 * Replaces `path` by `data`: readers see the old file or the new one, never a part.
 * When this resolves the bytes survive a power cut. Throws `disk-full` or `cannot-write`; then the old file is untouched.
 */
export async function writeDurably(
  path: string,
  data: string | Uint8Array,
  { mode = FILE_MODE }: DurableWrite = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${randomUUID()}.tmp`)
  try {
    await makeFolder(dirname(path))
    const file = await open(temporary, "wx", mode)
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await renameDurably(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw toWriteError({ error, path, neededBytes: Buffer.byteLength(data), ...(await freeBytes(path)) })
  }
}

/**
 * Makes a finished file visible under its final name, durably. Both lie in the same file system.
 * The file's bytes are synchronised first, so a caller need not. Throws the system's error.
 */
export async function promoteDurably(temporary: string, path: string): Promise<void> {
  // Read-write: Windows refuses to flush a file that is open for reading only.
  const file = await open(temporary, "r+")
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await renameDurably(temporary, path)
}

/** Makes names that were added to or removed from a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders; NTFS journals names by itself.
  if (process.platform === "win32") return
  const handle = await open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A virus scanner or indexer holds a new file for some milliseconds: Windows then says EPERM, EACCES or EBUSY. */
const RENAME_PAUSES_MS = [10, 20, 40, 80, 160, 320]

export interface RenameWorld {
  readonly rename: (from: string, to: string) => Promise<void>
  readonly pause: (delayMs: number) => Promise<void>
}

/** Renames, trying again for a while where another program holds the file. Exported for its test. */
export async function renameRetrying(from: string, to: string, world: RenameWorld): Promise<void> {
  for (const pauseMs of RENAME_PAUSES_MS) {
    try {
      return await world.rename(from, to)
    } catch (error) {
      if (!["EPERM", "EBUSY"].includes(systemCode(error) ?? "")) throw error
      await world.pause(pauseMs)
    }
  }
  await world.rename(from, to)
}

async function renameDurably(from: string, to: string): Promise<void> {
  await renameRetrying(from, to, { rename, pause: (delayMs) => delay(delayMs) })
  await syncFolder(dirname(to))
}

export interface DiskSpace {
  /** What this user may still write. */
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Room on the disk that holds `path`, or would hold it: parents that do not exist yet are passed over. */
export async function diskSpace(path: string): Promise<DiskSpace> {
  for (let place = path; ; place = dirname(place)) {
    try {
      const { bavail, blocks, bsize } = await statfs(place)
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    } catch (error) {
      if (!isAbsent(error) || dirname(place) === place) throw error
    }
  }
}

async function freeBytes(path: string): Promise<{ freeBytes?: number }> {
  try {
    return { freeBytes: (await diskSpace(path)).freeBytes }
  } catch {
    // Only decorates an error that is being reported already.
    return {}
  }
}
