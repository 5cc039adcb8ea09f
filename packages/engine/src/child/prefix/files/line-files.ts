// Computed prefixes in a folder: one file each, below a folder for each model. Whatever is wrong with a file, a folder or the disk makes
// the next prompt slower and is told in one log line; nothing here throws.
import { createHash, randomUUID } from "node:crypto"
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs"
import { join } from "node:path"
import { KV_FILE_LIMITS } from "@fireside/protocol"
import { createPortableState } from "../../native/portable-state.ts"
import type { FiledLine, LineStore } from "../parked-lines.ts"
import {
  type ContainerHeader,
  decodeHeader,
  encodeHeader,
  headerBytes,
  isState,
  START_BYTES,
} from "./line-container.ts"

/** All that must be equal for computed results to be those that would be computed now. */
export interface CacheKey {
  /** The weights: SHA-256 of the file, or what stands for it. */
  readonly model: string
  readonly libraryVersion: string
  /** The processor's features, which choose the kernels. */
  readonly systemInfo: string
  readonly kvType: string
  /**
   * Streams that the state names; 0: it was made to name none (`portable-state.ts`). Caches of two parts (sliding windows) or of another
   * kind cannot be.
   */
  readonly streams: number
  /** Of the context that computed it; 0: any would have computed the same. */
  readonly contextLength: number
}

/** The calls to the system; passed in so that tests can let each of them fail. */
export interface FileCalls {
  readonly closeSync: typeof closeSync
  readonly mkdirSync: typeof mkdirSync
  readonly openSync: typeof openSync
  readonly readdirSync: (path: string) => string[]
  readonly readSync: (
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ) => number
  readonly renameSync: typeof renameSync
  readonly rmSync: typeof rmSync
  readonly statSync: (path: string) => { readonly size: number; readonly mtimeMs: number }
  readonly utimesSync: (path: string, atime: number, mtime: number) => void
  readonly writeSync: (fd: number, buffer: Uint8Array) => number
}

const SYSTEM: FileCalls = {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync: (path) => readdirSync(path),
  readSync: (fd, buffer, offset, length, position) => readSync(fd, buffer, offset, length, position),
  renameSync,
  rmSync,
  statSync: (path) => statSync(path),
  utimesSync,
  writeSync: (fd, buffer) => writeSync(fd, buffer),
}

export interface LineFilesOptions {
  /** Of all models; each has a folder in it. */
  readonly folder: string
  readonly key: CacheKey
  /** For the files of all models together. */
  readonly budgetBytes: number
  /** Something was ignored or could not be done. */
  readonly report: (message: string, details: Readonly<Record<string, string | number>>) => void
  /** Milliseconds of the calendar. */
  readonly now: () => number
  /** Defaults to the system's. */
  readonly calls?: FileCalls
}

/** Of a file that is being written, or was when its process ended. */
export const PART = ".part"
export const EXTENSION = ".kv"
/** Never thrown out for room. */
export const PINNED = ".pinned.kv"

interface KnownFile {
  readonly path: string
  readonly header: ContainerHeader
}

export function openLineFiles(options: LineFilesOptions): LineStore {
  const { report, now, calls = SYSTEM } = options
  const key = keyText(options.key)
  const folder = join(options.folder, createHash("sha256").update(key).digest("hex").slice(0, 32))
  const known = new Map<string, KnownFile>()

  const attempt = <T>(what: string, work: () => T): T | null => {
    try {
      return work()
    } catch (error) {
      if (!isAbsent(error)) report(`The prefix cache: ${what}.`, { error: textOf(error) })
      return null
    }
  }

  const discard = (path: string, why: string): void => {
    report(`The prefix cache ignored a file: ${why}.`, { file: path.slice(folder.length + 1) })
    attempt("a bad file could not be removed", () => calls.rmSync(path, { force: true, recursive: true }))
  }

  const fill = (fd: number, bytes: Uint8Array, offset: number): Uint8Array => {
    let filled = 0
    while (filled < bytes.length) {
      const count = calls.readSync(fd, bytes, filled, bytes.length - filled, offset + filled)
      if (count === 0) return bytes.subarray(0, filled)
      filled += count
    }
    return bytes
  }
  const readAt = (fd: number, offset: number, length: number): Uint8Array =>
    fill(fd, new Uint8Array(length), offset)

  const withFile = <T>(path: string, work: (fd: number) => T): T => {
    const fd = calls.openSync(path, "r")
    try {
      return work(fd)
    } finally {
      calls.closeSync(fd)
    }
  }

  const readHeader = (path: string): ContainerHeader | string =>
    withFile(path, (fd) => {
      const size = headerBytes(readAt(fd, 0, START_BYTES))
      if (size === null) return "it is none of this version"
      const header = decodeHeader(readAt(fd, 0, size), calls.statSync(path).size)
      if (header === null) return "it is cut short or damaged"
      return header.key === key ? header : "it was made with other weights or another library"
    })

  const open = (name: string): void => {
    const path = join(folder, name)
    if (name.endsWith(PART)) {
      // Of a process that ended while it wrote; one that writes now is done in a moment.
      const isOld = attempt(
        "a file could not be looked at",
        () => now() - calls.statSync(path).mtimeMs > OLD_PART_MS,
      )
      if (isOld === true)
        attempt("a left-over could not be removed", () => calls.rmSync(path, { force: true }))
      return
    }
    if (!name.endsWith(EXTENSION)) return
    const header = attempt("a file could not be read", () => readHeader(path))
    if (typeof header === "string") discard(path, header)
    else if (header !== null) known.set(name, { path, header })
  }

  for (const name of attempt("its folder could not be read", () => calls.readdirSync(folder)) ?? [])
    open(name)

  /** Files of all models, the one used longest ago first. */
  const allFiles = (): { path: string; size: number; usedAtMs: number }[] => {
    const files: { path: string; size: number; usedAtMs: number }[] = []
    for (const model of attempt("its folder could not be read", () => calls.readdirSync(options.folder)) ??
      [])
      for (const name of attempt("a folder could not be read", () =>
        calls.readdirSync(join(options.folder, model)),
      ) ?? []) {
        const path = join(options.folder, model, name)
        const facts = attempt("a file could not be looked at", () => calls.statSync(path))
        if (facts !== null) files.push({ path, size: facts.size, usedAtMs: facts.mtimeMs })
      }
    return files.sort((a, b) => a.usedAtMs - b.usedAtMs)
  }

  const removeFile = (path: string): boolean => {
    for (const [id, file] of known) if (file.path === path) known.delete(id)
    const removed = attempt("a file could not be removed", () => {
      calls.rmSync(path, { force: true, recursive: true })
      return true
    })
    return removed === true
  }

  /** Throws out what was used longest ago until there is room. False: there is none. */
  const makeRoom = (bytes: number): boolean => {
    const files = allFiles()
    let used = files.reduce((sum, { size }) => sum + size, 0)
    const pinned = files.reduce((sum, { path, size }) => sum + (path.endsWith(PINNED) ? size : 0), 0)
    if (pinned + bytes > options.budgetBytes) return false
    for (const { path, size } of files) {
      if (used + bytes <= options.budgetBytes) break
      if (path.endsWith(PINNED)) continue
      if (removeFile(path)) used -= size
    }
    return used + bytes <= options.budgetBytes
  }

  const writeAll = (fd: number, bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.byteLength; ) at += calls.writeSync(fd, bytes.subarray(at))
  }

  const write = (path: string, parts: readonly Uint8Array[]): void => {
    const part = `${path}${PART}`
    try {
      calls.mkdirSync(folder, { recursive: true, mode: 0o700 })
      const fd = calls.openSync(part, "wx", 0o600)
      try {
        for (const bytes of parts) writeAll(fd, bytes)
      } finally {
        calls.closeSync(fd)
      }
      calls.renameSync(part, path)
    } catch (error) {
      attempt("a part could not be removed", () => calls.rmSync(part, { force: true }))
      throw error
    }
  }

  return {
    list: () => [...known].map(([id, { header }]) => filed(id, header)),
    read: (id) => {
      const file = known.get(id)
      if (file === undefined) return null
      const { path, header } = file
      const state = attempt("a file could not be read", () =>
        withFile(path, (fd) => fill(fd, createPortableState(header.stateBytes), header.stateOffset)),
      )
      if (state !== null && isState(header, state)) return state
      known.delete(id)
      if (state !== null) discard(path, "its state is damaged")
      return null
    },
    write: (line, state) => {
      const header = encodeHeader({ ...line, key }, state)
      const id = `${randomUUID()}${line.pinned ? PINNED : EXTENSION}`
      const path = join(folder, id)
      const bytes = header.byteLength + state.byteLength
      if (state.byteLength > KV_FILE_LIMITS.stateBytes || !makeRoom(bytes)) return null
      const done = attempt("a prefix could not be written", () => {
        write(path, [header, state])
        return true
      })
      const decoded = done === true ? decodeHeader(header, bytes) : null
      if (decoded === null) return null
      known.set(id, { path, header: decoded })
      return filed(id, decoded)
    },
    touch: (id) => {
      const file = known.get(id)
      const at = now() / 1_000
      if (file !== undefined)
        attempt("a file could not be marked as used", () => calls.utimesSync(file.path, at, at))
    },
    remove: (id) => {
      const file = known.get(id)
      if (file !== undefined) removeFile(file.path)
    },
  }
}

/** Longer than any file takes to be written. */
const OLD_PART_MS = 10 * 60_000

function filed(id: string, header: ContainerHeader): FiledLine {
  const { tokens, exact, adapterKey, owner, sharedTokens, label } = header
  const pinned = id.endsWith(PINNED)
  return { id, tokens, exact, adapterKey, owner, sharedTokens, label, onDisk: true, pinned }
}

function keyText({ model, libraryVersion, systemInfo, kvType, streams, contextLength }: CacheKey): string {
  const length = contextLength === 0 ? [] : [contextLength]
  return JSON.stringify([model, libraryVersion, systemInfo, kvType, streams, ...length])
}

/** The weights that a container's key names. */
export function identityOf(key: string): string {
  const parts: unknown = JSON.parse(key)
  return Array.isArray(parts) ? String(parts[0]) : ""
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT"
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
