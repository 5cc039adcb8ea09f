// Reading package archives (wheels, tarballs): only the members that are asked for, only plain files, within limits. A path from the
// archive is matched and never used as a path.
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { open, stat } from "node:fs/promises"
import { createGunzip } from "node:zlib"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"
import { Parser, type ReadEntry } from "tar"
import yauzl from "yauzl"

export interface Member {
  /** As the archive writes it. */
  readonly name: string
  readonly body: AsyncIterable<Uint8Array>
}

export interface ArchiveLimits {
  readonly archiveEntries: number
  readonly archiveBytes: number
  readonly archiveRatio: number
}

/** What the members of small archives may unpack to, whatever their ratio: text packs well. */
const ALWAYS_ALLOWED_BYTES = 1024 * 1024

/**
 * Hands the plain files of an archive to `visit`, in the order of the archive; `false` passes a member over without unpacking it where
 * the format allows. Throws `bad-response` with `details.rule` for whatever is over a limit or not whole.
 */
export async function readArchive(
  path: string,
  visit: Visit,
  signal: AbortSignal,
  limits: ArchiveLimits = DOWNLOAD_LIMITS,
): Promise<void> {
  const { size } = await stat(path)
  const guard = createGuard(size, limits)
  if (/\.(?:whl|zip)$/i.test(path)) await readZip(path, visit, guard, signal)
  else await readTarball(path, visit, guard, signal)
}

export interface Visit {
  readonly wants: (name: string) => boolean
  readonly take: (member: Member) => Promise<void>
}

interface Guard {
  entry(): void
  bytes(count: number): void
}

function createGuard(archiveBytes: number, limits: ArchiveLimits): Guard {
  const most = Math.min(
    limits.archiveBytes,
    Math.max(ALWAYS_ALLOWED_BYTES, archiveBytes * limits.archiveRatio),
  )
  let entries = 0
  let bytes = 0
  return {
    entry() {
      entries += 1
      if (entries > limits.archiveEntries)
        throw badArchive("archive-entries", `has more than ${limits.archiveEntries} entries`)
    },
    bytes(count) {
      bytes += count
      if (bytes > most) throw badArchive("archive-bytes", `unpacks to more than ${most} bytes`)
    },
  }
}

async function readZip(path: string, visit: Visit, guard: Guard, signal: AbortSignal): Promise<void> {
  const zip = await yauzl
    .openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true })
    .catch(broken)
  try {
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted()
      guard.entry()
      if (!isPlainFile(entry) || !visit.wants(entry.fileName)) continue
      if (entry.isEncrypted()) throw badArchive("archive-encrypted", "is encrypted")
      guard.bytes(0)
      const stream = await zip.openReadStreamPromise(entry)
      await visit.take({ name: entry.fileName, body: counted(stream, guard, signal) })
      stream.destroy()
    }
  } catch (error) {
    throw error instanceof AppError || signal.aborted ? error : broken(error)
  } finally {
    zip.close()
  }
}

const FILE_KIND_MASK = 0o170000
const PLAIN_FILE = 0o100000

/** Unix rights sit in the upper half of the attributes; archives made elsewhere leave them 0. */
function isPlainFile(entry: yauzl.Entry): boolean {
  if (entry.fileName.endsWith("/")) return false
  const kind = (entry.externalFileAttributes >>> 16) & FILE_KIND_MASK
  return kind === 0 || kind === PLAIN_FILE
}

async function readTarball(path: string, visit: Visit, guard: Guard, signal: AbortSignal): Promise<void> {
  const failure: { error?: unknown } = {}
  const failed = Promise.withResolvers<void>()
  const fail = (error: unknown): void => {
    failure.error ??= error
    failed.resolve()
  }
  let taking: Promise<void> = Promise.resolve()
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      try {
        guard.entry()
      } catch (error) {
        fail(error)
      }
      const plain = entry.type === "File" || entry.type === "OldFile"
      if (failure.error !== undefined || !plain || !visit.wants(entry.path)) {
        entry.resume()
        return
      }
      const body = counted(
        entry as unknown as AsyncIterable<Uint8Array>,
        { ...guard, bytes: () => {} },
        signal,
      ) // a Minipass of buffers
      taking = taking.then(() => visit.take({ name: entry.path, body })).catch(fail)
    },
  })
  const unpacked = createReadStream(path).pipe(createGunzip())
  try {
    const ended = new Promise<void>((resolve, reject) => {
      parser.on("end", resolve)
      parser.on("error", reject)
    })
    ended.catch(() => {})
    for await (const piece of unpacked) {
      signal.throwIfAborted()
      if (failure.error !== undefined) throw failure.error
      const bytes = piece as Buffer // no encoding was set
      guard.bytes(bytes.length)
      // A member that nobody reads on after a failure would never drain.
      const drained = (): Promise<void> => new Promise((resolve) => parser.once("drain", () => resolve()))
      if (!parser.write(bytes)) await Promise.race([drained(), failed.promise])
    }
    if (failure.error !== undefined) throw failure.error
    parser.end()
    await Promise.race([ended, failed.promise])
    await taking
    if (failure.error !== undefined) throw failure.error
  } catch (error) {
    unpacked.destroy()
    const cause = failure.error ?? error
    throw cause instanceof AppError || signal.aborted ? cause : broken(cause)
  }
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  guard: Guard,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of body) {
    signal.throwIfAborted()
    guard.bytes(bytes.length)
    yield bytes
  }
}

/** The text of a small member. Throws `bad-response` when it is larger. */
export async function readText(member: Member, maximumBytes: number): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const bytes of member.body) {
    length += bytes.length
    if (length > maximumBytes)
      throw badArchive("member-bytes", `has a text of more than ${maximumBytes} bytes`)
    pieces.push(bytes)
  }
  return Buffer.concat(pieces).toString("utf8")
}

export interface Unpacked {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

/** Writes a member to a file of ours, hashed on the way and flushed. */
export async function writeMember(
  member: Member,
  path: string,
  onBytes: (count: number) => void,
): Promise<Unpacked> {
  const hash = createHash("sha256")
  let sizeBytes = 0
  const file = await open(path, "w", 0o600)
  try {
    for await (const bytes of member.body) {
      hash.update(bytes)
      await file.writeFile(bytes)
      sizeBytes += bytes.length
      onBytes(bytes.length)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { path, sizeBytes, sha256: hash.digest("hex") }
}

export function badArchive(rule: string, what: string, cause?: unknown): AppError {
  return new AppError("bad-response", {
    message: `The package's archive ${what}.`,
    details: { rule },
    ...(cause === undefined ? {} : { cause }),
  })
}

function broken(cause: unknown): never {
  throw badArchive(
    "archive-broken",
    `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  )
}
