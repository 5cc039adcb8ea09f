// One decode with the threads that the machine has room for, and what its time says about the next ones.
import { type AdaptiveThreads, depthOf } from "./adaptive-threads.ts"
import type { BlockWorth } from "./block-worth.ts"
import type { DecodeResult, NativeContext } from "./native/context.ts"
import type { NativeModel } from "./native/model.ts"
import { BATCH_MS } from "./step-planner.ts"

/**
 * Batches that will take longer all the same are watched inside. Each node of the graph then asks, which on one machine more than doubled the
 * time of a batch of a small model (2,005 tokens of SmolLM2: 6.7 s in place of 2.9), on another took a tenth of it, and is little beside
 * seconds for one block.
 */
const WATCH_FROM_MS = 3_000
/** The first batches of a model of more weights are watched, as nobody knows yet how long they take. */
const UNMEASURED_BYTES = 500_000_000

/** After so long without a step the machine may be another. */
const PAUSE_MS = 250
/** Fewer rows of prefill take another path through the kernels, and say nothing about its pace. */
const PACE_ROWS = 64

/**
 * Of steps like those before only one in so many is looked at. Whatever does that is out of the processor's caches after each decode, and
 * takes a hundredth of a small model's token.
 */
const LOOKED_AT_EVERY = 8
/** So many like it in a row come first. */
const KNOWN_AFTER = 16
/** A step that takes so many times the last one that was looked at is not like it. */
const UNLIKE = 1.5

/** What is known of the speed of a loaded model, whoever serves it. */
export interface Pace {
  /** Of prefill. 0: not measured yet. */
  msPerRow: number
  /** Of a block at a prompt's end, beside fewer rows. */
  readonly blockWorth: BlockWorth
}

export interface TimedDecodeOptions {
  readonly model: Pick<NativeModel, "sizeBytes">
  readonly context: NativeContext
  readonly pace: Pace
  readonly threads: AdaptiveThreads
  /** Hears of each step without prefill: rows of each stream, and its time. */
  readonly onDecoded: (rowsByStream: readonly number[], durationMs: number) => void
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

/** What the context's batch is made of. */
export interface BatchOutline {
  readonly hasPrefill: boolean
  /** Rows of each stream, guesses among them. */
  readonly rowsByStream: readonly number[]
  /** Tokens that each stream has behind it. */
  readonly depths: readonly number[]
}

/** A batch of another context, all of it one prompt's, that stops between two nodes of its graph for steps of others. */
export interface ApartBatch {
  readonly context: NativeContext
  readonly depth: number
  /** Of so many threads. */
  readonly threadsForTurns: (threads: number) => number
  /** Between two nodes. Decodes something else with `decodeTurn`, or not; true: the batch ends with `aborted`. */
  readonly onNode: () => boolean
}

export interface TimedDecode {
  /** For the next decode. */
  readonly threads: number
  /**
   * How long a batch of prefill may take: its threads stay what they are when it begins. While fewer than all compute, no longer than they
   * have done so, as a batch that is computed by one thread of two because of a moment's disturbance costs twice its time.
   */
  readonly batchMs: number
  /** Decodes the context's batch and waits for the results. */
  decode(batch: BatchOutline): DecodeResult
  /** Throws what `onNode` throws. */
  decodeApart(batch: ApartBatch): DecodeResult
  /** In the middle of `decodeApart`: the context's batch. Says nothing about usual times. */
  decodeTurn(): DecodeResult
}

export function createTimedDecode(options: TimedDecodeOptions): TimedDecode {
  const { model, context, pace, threads, now } = options
  /** Of the last step without prefill. 0: not measured yet. */
  let decodeMs = 0
  let endedAt = Number.NEGATIVE_INFINITY
  let lookedAt: Step = { rowsByStream: [], threads: 0, durationMs: 0 }
  /** Steps in a row like the one that was looked at. */
  let alike = 0
  const recordDecode = ({ rowsByStream, depths }: BatchOutline, durationMs: number) => {
    decodeMs = durationMs
    const step = { rowsByStream, threads: threads.threads, durationMs }
    alike = isLike(step, lookedAt) ? alike + 1 : 0
    if (alike > KNOWN_AFTER && alike % LOOKED_AT_EVERY !== 0) return
    lookedAt = step
    options.onDecoded(rowsByStream, durationMs)
    const kind = `${[...rowsByStream].sort().join(" ")}${depthOf(depths)}`
    threads.record({ kind, durationMs, work: 1 }, now())
  }
  const recordPrefill = (rows: number, depths: readonly number[], durationMs: number) => {
    if (rows < PACE_ROWS) return
    const perRow = durationMs / rows
    pace.msPerRow = pace.msPerRow === 0 ? perRow : pace.msPerRow * 0.7 + perRow * 0.3
    threads.record({ kind: `prefill${depthOf(depths)}`, durationMs, work: rows }, now())
  }
  /** Looks at the machine. Returns the time. */
  const begin = (): number => {
    const startedAt = now()
    if (startedAt - endedAt > PAUSE_MS) threads.resume(startedAt)
    threads.prepare(startedAt)
    return startedAt
  }
  /** `llama_decode` may return before the results are there; the first look at them would pay. */
  const decodeWhole = (decoding: NativeContext): DecodeResult => {
    const result = decoding.decode()
    decoding.synchronize()
    return result
  }
  return {
    get threads() {
      return threads.threads
    },
    get batchMs() {
      return Math.min(BATCH_MS, threads.fewerForMs(now()) ?? BATCH_MS)
    },
    decode: (batch) => {
      const expectedMs = batch.hasPrefill ? pace.msPerRow * context.rows : decodeMs
      context.watchAbort(expectedMs === 0 ? model.sizeBytes > UNMEASURED_BYTES : expectedMs > WATCH_FROM_MS)
      const startedAt = begin()
      context.setThreads(threads.threads)
      const result = decodeWhole(context)
      endedAt = now()
      if (result !== "done") return result
      const durationMs = endedAt - startedAt
      if (!batch.hasPrefill) recordDecode(batch, durationMs)
      else {
        const { rows } = context
        const [depth, ...others] = batch.depths
        if (depth !== undefined && others.length === 0) pace.blockWorth.record({ rows, depth, durationMs })
        recordPrefill(rows, batch.depths, durationMs)
      }
      return result
    },
    decodeApart: ({ context: apart, depth, threadsForTurns, onNode }) => {
      let thrown: { readonly error: unknown } | null = null
      const startedAt = begin()
      const count = threads.threads
      apart.setThreads(count)
      context.setThreads(threadsForTurns(count))
      context.watchAbort(false)
      let givenMs = 0
      apart.setAbort(() => {
        const askedAt = now()
        try {
          threads.prepare(askedAt)
          // A foreign program takes a processor: each barrier would wait for it, so this batch is begun anew with fewer.
          return onNode() || threads.threads < count
        } catch (error) {
          // It must not go through native frames.
          thrown ??= { error }
          return true
        } finally {
          givenMs += now() - askedAt
        }
      })
      apart.watchAbort(true)
      const result = decodeWhole(apart)
      endedAt = now()
      if (thrown !== null) throw (thrown as { readonly error: unknown }).error
      if (result === "done") recordPrefill(apart.rows, [depth], endedAt - startedAt - givenMs)
      return result
    },
    decodeTurn: () => decodeWhole(context),
  }
}

/** A decode without prefill. */
interface Step {
  readonly rowsByStream: readonly number[]
  readonly threads: number
  readonly durationMs: number
}

function isLike(step: Step, known: Step): boolean {
  return (
    step.threads === known.threads &&
    step.durationMs < UNLIKE * known.durationMs &&
    step.rowsByStream.length === known.rowsByStream.length &&
    step.rowsByStream.every((rows, place) => rows === known.rowsByStream[place])
  )
}
