// A file that is being downloaded: `x.part` holds the bytes, `x.part.json` says which of them are durable. After `kill -9` or a
// power cut exactly the ranges of the sidecar are believed; at most one chunk is fetched again.
import { constants } from "node:fs"
import { type FileHandle, open, readFile, rm } from "node:fs/promises"
import { writeDurably } from "@fireside/host"
import { addRange, type ByteRange, countBytes, parseRanges } from "./byte-ranges.ts"

export interface PartialFacts {
  /** 0 while nobody has said it. */
  readonly sizeBytes: number
  readonly etag: string | undefined
}

const SIDECAR_BYTES = 4 * 1024 * 1024

export class PartialFile implements AsyncDisposable {
  readonly path: string
  readonly #handle: FileHandle
  /** Bytes that may be lost in a crash never exceed this. */
  readonly #chunkBytes: number
  #facts: PartialFacts
  #written: readonly ByteRange[]
  #notDurableBytes = 0
  /** Handed to the system, not yet counted. */
  #pendingBytes = 0
  #checkpoint: Promise<void> | undefined
  /** A failed fsync may have dropped pages that a second one would call durable, so it is never tried again. */
  #failure: unknown

  private constructor(
    path: string,
    handle: FileHandle,
    state: { readonly facts: PartialFacts; readonly done: readonly ByteRange[]; readonly chunkBytes: number },
  ) {
    this.path = path
    this.#handle = handle
    this.#facts = state.facts
    this.#written = state.done
    this.#chunkBytes = state.chunkBytes
  }

  /** Opens or makes the partial at `path` and believes its sidecar where it is whole. */
  static async open(path: string, chunkBytes: number): Promise<PartialFile> {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
    const handle = await open(path, flags, 0o600)
    const length = (await handle.stat()).size
    const saved = await readSidecar(path, length)
    return new PartialFile(path, handle, {
      facts: saved?.facts ?? { sizeBytes: 0, etag: undefined },
      done: saved?.done ?? [],
      chunkBytes,
    })
  }

  get facts(): PartialFacts {
    return this.#facts
  }

  get written(): readonly ByteRange[] {
    return this.#written
  }

  setFacts(facts: PartialFacts): void {
    this.#facts = facts
  }

  /** Forgets all bytes: the source is not the one they came from. */
  async reset(facts: PartialFacts): Promise<void> {
    await this.#checkpoint
    this.#written = []
    this.#notDurableBytes = 0
    this.#facts = facts
    await rm(sidecarOf(this.path), { force: true })
    await this.#handle.truncate(0)
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    // Waiting here is what bounds the loss: all streams together never run a chunk ahead of the disk.
    const most = (this.#chunkBytes * 3) / 4
    while (this.#notDurableBytes > 0 && this.#notDurableBytes + this.#pendingBytes + bytes.length > most)
      await this.checkpoint()
    this.#pendingBytes += bytes.length
    try {
      let at = 0
      while (at < bytes.length) {
        const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, offset + at)
        at += bytesWritten
      }
    } finally {
      this.#pendingBytes -= bytes.length
    }
    this.#written = addRange(this.#written, [offset, offset + bytes.length])
    this.#notDurableBytes += bytes.length
    if (this.#notDurableBytes > this.#chunkBytes / 4) this.#startCheckpoint()
  }

  async read(offset: number, buffer: Uint8Array): Promise<number> {
    return (await this.#handle.read(buffer, 0, buffer.length, offset)).bytesRead
  }

  /** Everything written so far is durable when this resolves. */
  async checkpoint(): Promise<void> {
    while (this.#checkpoint !== undefined) await this.#checkpoint
    if (this.#failure !== undefined) throw this.#failure
    if (this.#notDurableBytes > 0) await this.#startCheckpoint()
  }

  /** Removes the bytes and the sidecar. */
  async discard(): Promise<void> {
    await this.#checkpoint?.catch(() => {})
    await rm(this.path, { force: true })
    await rm(sidecarOf(this.path), { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#checkpoint?.catch(() => {})
    await this.#handle.close()
  }

  #startCheckpoint(): Promise<void> {
    if (this.#checkpoint !== undefined) return this.#checkpoint
    const running = this.#save().finally(() => {
      this.#checkpoint = undefined
    })
    // Nobody may be waiting for this one: its failure reaches whoever writes or checkpoints next.
    running.catch((error: unknown) => {
      this.#failure = error
    })
    this.#checkpoint = running
    return running
  }

  async #save(): Promise<void> {
    const done = this.#written
    const bytes = this.#notDurableBytes
    await this.#handle.datasync()
    const state = { version: 1, sizeBytes: this.#facts.sizeBytes, etag: this.#facts.etag, done }
    await writeDurably(sidecarOf(this.path), JSON.stringify(state))
    this.#notDurableBytes -= bytes
  }
}

/** Bytes of a partial that a sidecar vouches for; 0 when there is none. */
export async function countPartialBytes(path: string): Promise<number> {
  const saved = await readSidecar(path, Number.MAX_SAFE_INTEGER)
  return countBytes(saved?.done ?? [])
}

export function sidecarOf(path: string): string {
  return `${path}.json`
}

async function readSidecar(
  path: string,
  fileLength: number,
): Promise<{ readonly facts: PartialFacts; readonly done: readonly ByteRange[] } | undefined> {
  let value: unknown
  try {
    const text = await readFile(sidecarOf(path), "utf8")
    if (text.length > SIDECAR_BYTES) return undefined
    value = JSON.parse(text)
  } catch {
    // Missing or torn: the bytes are fetched again, which is always right.
    return undefined
  }
  if (typeof value !== "object" || value === null) return undefined
  const state = value as Readonly<Record<string, unknown>> // an object; each field is checked below
  const { sizeBytes, etag } = state
  if (state.version !== 1 || typeof sizeBytes !== "number" || !Number.isSafeInteger(sizeBytes))
    return undefined
  const done = parseRanges(state.done, Math.min(sizeBytes, fileLength))
  if (done === undefined) return undefined
  return { facts: { sizeBytes, etag: typeof etag === "string" ? etag : undefined }, done }
}
