// The content-addressed files of the library: `sha256-<hex>`, read-only, whole from the moment they are visible.
import { createHash } from "node:crypto"
import { constants, type Stats } from "node:fs"
import { chmod, open, readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { isAbsent, makeFolder, promoteDurably, writeDurably } from "@fireside/host"
import { AppError } from "@fireside/protocol"
import { digestHex } from "./digest.ts"

export interface Blobs {
  /** Throws a plain error for anything but 64 hex digits: names from outside passed `digestHex` before. */
  path(hex: string): string
  /** There, of this size, and not marked corrupt. */
  isWhole(hex: string, sizeBytes: number): Promise<boolean>
  /** Bytes of one that is there and not marked corrupt. */
  wholeSize(hex: string): Promise<number | undefined>
  /** What is wrong with it, in words; undefined when nothing is known to be. */
  problem(hex: string, sizeBytes: number): Promise<string | undefined>
  /** Makes a verified file of the downloads folder a blob. Replaces a corrupt one; a loaded model keeps the old file. */
  promote(partialPath: string, hex: string): Promise<string>
  /** Reads and hashes the whole blob; marks it corrupt when it is not what its name says. */
  verify(hex: string, onBytes: (count: number) => void, signal: AbortSignal): Promise<boolean>
  /** Gives the bytes that were freed; 0 when there was none. */
  remove(hex: string): Promise<number>
  /** When it became a blob, milliseconds since 1970; undefined when there is none. */
  madeAt(hex: string): Promise<number | undefined>
  /** The hex digits of all blobs. */
  list(): Promise<readonly string[]>
}

const READ_ONLY = 0o444
const READ_BYTES = 1024 * 1024

export function createBlobs(folder: string): Blobs {
  function path(hex: string): string {
    if (digestHex(`sha256:${hex}`) === undefined) throw new Error("A blob's name must be 64 hex digits")
    return join(folder, `sha256-${hex}`)
  }
  const markOf = (hex: string): string => `${path(hex)}.corrupt`

  async function problem(hex: string, sizeBytes: number): Promise<string | undefined> {
    const size = await sizeOf(path(hex))
    if (size === undefined) return "its file is missing"
    if (size !== sizeBytes) return `its file has ${size} bytes where ${sizeBytes} were stored`
    if ((await sizeOf(markOf(hex))) !== undefined)
      return "its file is corrupt: the bytes are not those that were stored"
    return undefined
  }

  return {
    path,
    problem,
    isWhole: async (hex, sizeBytes) => (await problem(hex, sizeBytes)) === undefined,
    async promote(partialPath, hex) {
      const target = path(hex)
      await makeFolder(folder)
      // Rights last: the flush inside `promoteDurably` needs the right to write.
      await promoteDurably(partialPath, target)
      await chmod(target, READ_ONLY)
      await rm(markOf(hex), { force: true })
      return target
    },
    async verify(hex, onBytes, signal) {
      if ((await hashFile(path(hex), onBytes, signal)) === hex) return true
      await writeDurably(markOf(hex), "")
      return false
    },
    async wholeSize(hex) {
      return (await sizeOf(markOf(hex))) === undefined ? await sizeOf(path(hex)) : undefined
    },
    // The rename and the rights set behind it change this time; its bytes may have been written days before.
    madeAt: async (hex) => (await factsOf(path(hex)))?.ctimeMs,
    async remove(hex) {
      const size = (await sizeOf(path(hex))) ?? 0
      await rm(path(hex), { force: true })
      await rm(markOf(hex), { force: true })
      return size
    },
    async list() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isAbsent(error)) return []
        throw error
      })
      return names.map(digestHex).filter((hex) => hex !== undefined)
    },
  }
}

/** The sha256 of a regular file, hex. Never follows a link. */
export async function hashFile(
  path: string,
  onBytes: (count: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const hash = createHash("sha256")
    const buffer = new Uint8Array(READ_BYTES)
    for (;;) {
      signal.throwIfAborted()
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null)
      if (bytesRead === 0) return hash.digest("hex")
      hash.update(buffer.subarray(0, bytesRead))
      onBytes(bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/** The error for a model whose blob is not usable. A model that was made of another one gets its weights back with `base`. */
export function corruptBlob(name: string, problem: string, base = name): AppError {
  return new AppError("corrupt-data", {
    message: `${name} cannot be used: ${problem}.`,
    hint: `Get it again with: fireside pull ${base}`,
    details: { name },
  })
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await factsOf(path))?.size
}

async function factsOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}
