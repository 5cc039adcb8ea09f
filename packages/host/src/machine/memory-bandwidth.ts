// How many bytes a second this machine reads from main memory: what one token of a model can cost at best is its weights over this.
// Read by threads of this process, not by the engine: a plain loop over a buffer that no cache holds. Processors prefetch such reads, so that it
// comes near what the engine's kernels get; it is no upper bound to the byte, and the best of several passes is taken.
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import type { Clock } from "../clock.ts"
import type { ReaderShare } from "./memory-reader.ts"
import { linesOf } from "./read-memory.ts"

export interface MemoryBandwidth {
  /** Bytes a second. */
  readonly oneThread: number
  readonly allThreads: number
}

export interface BandwidthOptions {
  readonly threads: number
  readonly clock: Clock
  /** Larger than the last cache. Defaults to 256 MiB. */
  readonly bufferBytes?: number
  /** Of which the best counts. Defaults to 8. */
  readonly passes?: number
}

export async function memoryBandwidth(
  { threads, clock, bufferBytes = 256 * 2 ** 20, passes = 8 }: BandwidthOptions,
  signal: AbortSignal,
): Promise<MemoryBandwidth> {
  const buffer = new SharedArrayBuffer(bufferBytes)
  // Untouched pages are all the same page of zeros, which stays in the cache.
  new Float64Array(buffer).fill(1)
  const measure = (count: number) => bestOf({ buffer, threads: count, passes, clock }, signal)
  const oneThread = await measure(1)
  return { oneThread, allThreads: threads > 1 ? await measure(threads) : oneThread }
}

interface Passes {
  readonly buffer: SharedArrayBuffer
  readonly threads: number
  readonly passes: number
  readonly clock: Clock
}

async function bestOf({ buffer, threads, passes, clock }: Passes, signal: AbortSignal): Promise<number> {
  const lines = linesOf(buffer.byteLength)
  const readers = Array.from({ length: threads }, (_, index) => {
    const from = Math.floor((lines * index) / threads)
    const to = Math.floor((lines * (index + 1)) / threads)
    return createReader({ buffer, from, to })
  })
  try {
    await Promise.all(readers.map((reader) => reader.ready))
    let bestMs = Number.POSITIVE_INFINITY
    // One more: the first pass compiles the loop.
    for (let pass = 0; pass <= passes; pass += 1) {
      signal.throwIfAborted()
      const startedAt = clock.monotonic()
      await Promise.all(readers.map((reader) => reader.read()))
      bestMs = Math.min(bestMs, clock.monotonic() - startedAt)
    }
    return (buffer.byteLength / bestMs) * 1_000
  } finally {
    await Promise.all(readers.map((reader) => reader.close()))
  }
}

function createReader(share: ReaderShare) {
  const worker = new Worker(readerEntry(import.meta.url), { workerData: share })
  const next = (): Promise<void> =>
    new Promise((resolve, reject) => {
      worker.once("error", reject)
      worker.once("message", () => {
        worker.off("error", reject)
        resolve()
      })
    })
  return {
    ready: next(),
    read: () => {
      const done = next()
      worker.postMessage("read")
      return done
    },
    close: () => worker.terminate(),
  }
}

/** The thread's program: beside this file in the sources, under this name in the built package. */
function readerEntry(moduleUrl: string): string {
  const isSource = moduleUrl.endsWith(".ts")
  return fileURLToPath(new URL(isSource ? "./memory-reader.ts" : "./memory-reader.js", moduleUrl))
}
