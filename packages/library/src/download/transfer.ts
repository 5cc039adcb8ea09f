// One run over one partial: which ranges are missing, who fetches them, and what to do when the source is not what it was.
import { dirname } from "node:path"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"
import { type ByteRange, countBytes, missingRanges } from "./byte-ranges.ts"
import { requireRoom } from "./disk.ts"
import type { DownloadBounds, DownloadTask, DownloadWorld } from "./download.ts"
import { createFrontHasher, type FrontHasher } from "./front-hasher.ts"
import type { PartialFacts, PartialFile } from "./partial-file.ts"
import { judgeRangeResponse, type RangeAnswer, wrong } from "./range-response.ts"
import { retry } from "./retry.ts"

/** A try that brings less than this before it breaks counts as one that brought nothing. */
const ENOUGH_PROGRESS_BYTES = 64 * 1024
const GGUF_MAGIC = "GGUF"

/** Thrown inside a run when the file at the source is another one now: all streams stop, then everything begins anew. */
class SourceChanged extends Error {}

export class Transfer {
  readonly partial: PartialFile
  readonly hasher: FrontHasher
  readonly #task: DownloadTask
  readonly #world: DownloadWorld & { readonly bounds: DownloadBounds }
  readonly #claimed = new Set<ByteRange>()
  #mostBytes = 0

  constructor(
    task: DownloadTask,
    world: DownloadWorld & { readonly bounds: DownloadBounds },
    partial: PartialFile,
  ) {
    this.#task = task
    this.#world = world
    this.partial = partial
    this.hasher = createFrontHasher(partial)
  }

  /** Returns when every byte is in the partial and durable. */
  async run(signal: AbortSignal): Promise<void> {
    const { partial } = this
    const promised = this.#task.sizeBytes
    if (promised !== 0 && partial.facts.sizeBytes !== promised)
      await partial.reset({ sizeBytes: promised, etag: undefined })
    this.#world.meter.start(countBytes(partial.written), partial.facts.sizeBytes)
    if (partial.facts.sizeBytes !== 0) await this.#requireRoom()
    try {
      await this.#runStreams(signal)
    } catch (error) {
      if (!(error instanceof SourceChanged)) throw error
      this.#world.onNotice(`${this.#task.file} changed at the source; beginning anew.`)
      await this.#restart({ sizeBytes: promised, etag: undefined })
      await this.#runStreams(signal).catch((again: unknown) => {
        if (!(again instanceof SourceChanged)) throw again
        throw wrong(this.#task, "changed-etag", "changed at the source while it was downloaded, twice")
      })
    }
    this.#world.meter.finish()
  }

  async #runStreams(signal: AbortSignal): Promise<void> {
    const stop = new AbortController()
    const inner = AbortSignal.any([signal, stop.signal])
    const others: Promise<void>[] = []
    const halt = (error: unknown): void => stop.abort(error)
    // The first answer decides how to go on, so its stream begins alone and starts the others.
    const startOthers = (): void => {
      while (others.length < this.#world.bounds.parallelRanges - 1)
        others.push(this.#fetchChunks(inner, () => {}).catch(halt))
    }
    try {
      await this.#fetchChunks(inner, startOthers).catch(halt)
      await Promise.all(others)
    } finally {
      // Pausing, failing or finishing: what is there is made durable before anyone hears of it.
      await this.partial.checkpoint()
    }
    signal.throwIfAborted()
    stop.signal.throwIfAborted()
  }

  /** Fetches missing chunks until none is left. */
  async #fetchChunks(signal: AbortSignal, onRange: () => void): Promise<void> {
    for (let chunk = this.#claim(); chunk !== undefined; chunk = this.#claim()) {
      try {
        await this.#fetchChunk(chunk, onRange, signal)
      } finally {
        this.#claimed.delete(chunk)
      }
    }
  }

  /** The next missing chunk that nobody has, cut at chunk borders. While the size is unknown: the first one. */
  #claim(): ByteRange | undefined {
    const { rangeBytes } = this.#world.bounds
    const { sizeBytes } = this.partial.facts
    const missing = missingRanges(this.partial.written, sizeBytes === 0 ? rangeBytes : sizeBytes)
    for (const [from, to] of missing) {
      for (let start = from; start < to; ) {
        const at = start
        const holder = [...this.#claimed].find((held) => held[0] <= at && at < held[1])
        if (holder === undefined) {
          const border = (Math.floor(start / rangeBytes) + 1) * rangeBytes
          const chunk: ByteRange = [start, Math.min(to, border)]
          this.#claimed.add(chunk)
          return chunk
        }
        start = holder[1]
      }
    }
    return undefined
  }

  async #fetchChunk(chunk: ByteRange, onRange: () => void, signal: AbortSignal): Promise<void> {
    const attempt = async (): Promise<void> => {
      for (let gap = this.#gapIn(chunk); gap !== undefined; gap = this.#gapIn(chunk))
        await this.#request(gap, onRange, signal)
    }
    const options = {
      clock: this.#world.clock,
      random: this.#world.random,
      attempts: this.#world.bounds.attempts,
      // The most that ever was on the disk: a source that always begins anew and breaks off makes no progress.
      progress: () => this.#mostBytes,
      enoughProgress: ENOUGH_PROGRESS_BYTES,
      onRetry: (error: AppError, pauseMs: number) =>
        this.#world.onNotice(`${error.message} Trying again in ${Math.ceil(pauseMs / 1000)} s.`),
    }
    await retry(attempt, options, signal)
  }

  #gapIn([start, end]: ByteRange): ByteRange | undefined {
    const { sizeBytes } = this.partial.facts
    const last = sizeBytes === 0 ? end : Math.min(end, sizeBytes)
    const gap = missingRanges(this.partial.written, last).find((range) => range[1] > start)
    return gap === undefined ? undefined : [Math.max(start, gap[0]), gap[1]]
  }

  async #request(gap: ByteRange, onRange: () => void, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const [start, end] = gap
    const { etag, sizeBytes } = this.partial.facts
    const response = await this.#world.egress.request(
      {
        ...this.#world.purpose,
        url: this.#task.url,
        trustedOrigins: this.#world.trustedOrigins,
        headers: {
          ...this.#task.headers,
          "accept-encoding": "identity",
          range: `bytes=${start}-${end - 1}`,
          ...(etag === undefined ? {} : { "if-range": etag }),
        },
      },
      signal,
    )
    let finished = false
    try {
      const expected = { file: this.#task.file, start, end, sizeBytes, etag, weights: this.#task.weights }
      const span = await this.#accept(judgeRangeResponse(response, expected), start, onRange)
      await this.#receive(response.body, span, signal)
      finished = true
    } finally {
      // The reason why it was not finished is on its way already; a failing cancel adds nothing.
      if (!finished) await response.cancel().catch(() => {})
    }
  }

  /** Takes note of size and ETag; gives where the body is to be written. The end is 0 where nobody knows it. */
  async #accept(answer: RangeAnswer, start: number, onRange: () => void): Promise<ByteRange> {
    const { partial } = this
    if (answer.type === "changed") throw new SourceChanged()
    const sizeWasUnknown = partial.facts.sizeBytes === 0
    if (answer.type === "range") {
      partial.setFacts({ sizeBytes: answer.sizeBytes, etag: partial.facts.etag ?? answer.etag })
      this.#world.meter.set(countBytes(partial.written), answer.sizeBytes)
      if (sizeWasUnknown) await this.#requireRoom()
      onRange()
      return [start, answer.end]
    }
    if (this.#claimed.size > 1)
      throw wrong(this.#task, "range-ignored", "comes whole although a part was asked for")
    if (countBytes(partial.written) > 0)
      this.#world.onNotice(`${this.#task.file}: the source cannot go on in the middle; beginning anew.`)
    const sizeBytes = answer.sizeBytes || this.#task.sizeBytes
    await this.#restart({ sizeBytes, etag: answer.etag })
    if (sizeWasUnknown && sizeBytes !== 0) await this.#requireRoom()
    return [0, sizeBytes]
  }

  async #restart(facts: PartialFacts): Promise<void> {
    await this.hasher.reset()
    await this.partial.reset(facts)
    this.#world.meter.set(0, facts.sizeBytes)
  }

  async #receive(body: AsyncIterable<Uint8Array>, [from, to]: ByteRange, signal: AbortSignal): Promise<void> {
    const end = to === 0 ? DOWNLOAD_LIMITS.fileBytes : to
    let at = from
    for await (const bytes of body) {
      signal.throwIfAborted()
      if (bytes.length === 0) continue
      if (at === 0 && this.#task.weights) requireMagic(this.#task, bytes)
      if (at + bytes.length > end)
        throw wrong(this.#task, "too-long", `goes on after byte ${end}, where it should end`)
      await this.#world.rateLimit.take(bytes.length, signal)
      await this.partial.write(at, bytes)
      this.hasher.offer(at, bytes)
      at += bytes.length
      this.#mostBytes = Math.max(this.#mostBytes, countBytes(this.partial.written))
      this.#world.meter.add(bytes.length)
    }
    if (to === 0) this.partial.setFacts({ sizeBytes: at, etag: this.partial.facts.etag })
    else if (at < to)
      throw new AppError("network-failed", {
        message: `${this.#task.file} breaks off at byte ${at} of ${to}.`,
        details: { rule: "too-short", at, expected: to },
      })
  }

  async #requireRoom(): Promise<void> {
    const neededBytes = this.partial.facts.sizeBytes - countBytes(this.partial.written)
    const room = { folder: dirname(this.partial.path), neededBytes, what: this.#task.file }
    await requireRoom(room, this.#world.diskSpace)
  }
}

function requireMagic(task: DownloadTask, bytes: Uint8Array): void {
  const start = String.fromCharCode(...bytes.subarray(0, GGUF_MAGIC.length))
  if (start === GGUF_MAGIC.slice(0, start.length)) return
  if (start.startsWith("<"))
    throw wrong(
      task,
      "html",
      "is a web page and not a model; a sign-in page of the network may be in between",
    )
  throw wrong(task, "not-gguf", `is not a GGUF file (it begins with ${JSON.stringify(start)})`)
}
