// The files of computed prefixes as their owner sees them, without a loaded model: what there is, and taking it away. Runs in the gateway.
import { open, readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import type { ForgetWish } from "../../../engine.ts"
import { type ContainerHeader, decodeHeader, headerBytes, START_BYTES } from "./line-container.ts"
import { EXTENSION, identityOf, PART, PINNED } from "./line-files.ts"

export interface PrefixFile {
  readonly path: string
  readonly bytes: number
  /** Undefined for a file that is not a whole container. */
  readonly line: PrefixFileLine | undefined
  readonly pinned: boolean
  /** Milliseconds of the calendar. */
  readonly usedAtMs: number
}

export interface PrefixFileLine {
  /** See `PrefixCache.identity`. */
  readonly model: string
  readonly tokens: number
  readonly owner: string | undefined
  readonly label: string | undefined
}

/**
 * Files of all models below `folder`; those that a wish means, when there is one. One that goes away meanwhile is left out; a folder that is
 * not there has none.
 */
export async function listPrefixFiles(folder: string, wish?: ForgetWish): Promise<readonly PrefixFile[]> {
  const files: PrefixFile[] = []
  for (const model of await namesIn(folder))
    for (const name of await namesIn(join(folder, model))) {
      // One that was left half written holds text as well.
      if (!name.endsWith(EXTENSION) && !name.endsWith(PART)) continue
      const file = await look(join(folder, model, name)).catch(() => undefined)
      if (file !== undefined && (wish === undefined || matches(file, wish))) files.push(file)
    }
  return files
}

/** Removes files; returns how many, and their bytes. Files that cannot be read belong to nobody and go with `all` only. */
export async function removePrefixFiles(
  folder: string,
  wish: ForgetWish,
  isMeant: (file: PrefixFile) => boolean = () => true,
): Promise<{ readonly files: number; readonly bytes: number }> {
  let bytes = 0
  let count = 0
  for (const file of await listPrefixFiles(folder, wish)) {
    if (!isMeant(file)) continue
    await rm(file.path, { force: true })
    bytes += file.bytes
    count += 1
  }
  return { files: count, bytes }
}

function matches({ line, pinned }: PrefixFile, wish: ForgetWish): boolean {
  switch (wish.type) {
    case "label":
      return line?.label === wish.label
    case "owner":
      return line?.owner === wish.owner
    case "all":
      return wish.pinned || !pinned
    default:
      return wish satisfies never
  }
}

async function look(path: string): Promise<PrefixFile> {
  const facts = await stat(path)
  const header = await readHeader(path, facts.size)
  const line =
    header === null
      ? undefined
      : {
          model: identityOf(header.key),
          tokens: header.tokens.length,
          owner: header.owner,
          label: header.label,
        }
  return { path, bytes: facts.size, line, pinned: path.endsWith(PINNED), usedAtMs: facts.mtimeMs }
}

async function readHeader(path: string, fileBytes: number): Promise<ContainerHeader | null> {
  await using file = await open(path, "r")
  const start = await readStart(file, START_BYTES)
  const size = headerBytes(start)
  return size === null ? null : decodeHeader(await readStart(file, size), fileBytes)
}

async function readStart(file: Awaited<ReturnType<typeof open>>, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, 0)
  return buffer.subarray(0, bytesRead)
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => [])
}
