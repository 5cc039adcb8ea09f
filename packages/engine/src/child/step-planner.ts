// Which rows go into the next decode. Pure: numbers in, numbers out.

/** Prefill comes in blocks of this many rows: fewer gain nothing, and multiples of it give the same bits at any chunking. */
export const BLOCK_ROWS = 64

/** How long running streams may be held up by the prefill of another. */
export const PREFILL_TARGET_MS = 120
/** A prompt is cut so that a batch takes no longer than about this: between batches is the time to hear that it is no longer wanted. */
export const BATCH_MS = 1_500
/** More rows in one decode gain nothing and cannot be told about meanwhile. */
export const MOST_ROWS = 512
/** So long steps follow each other without a turn of the event loop, when nothing has come: a turn costs 0.1 ms, 2 % of a small model's token. */
export const STEPS_MS = 200

export interface PlannableStream {
  /** Rows of the prompt that are not computed yet; 0: the stream decodes one row a step. */
  readonly promptRows: number
  /** Streams of different keys cannot share a decode. */
  readonly adapterKey: string
  /** Rows of prefill that the stream may claim: grows while others are served. The planner changes it. */
  deficit: number
}

export interface StepBudget {
  /** Rows of one decode. */
  readonly capacity: number
  /** Rows of prefill in one decode: whole blocks. */
  readonly prefillCapacity: number
  /** Measured time of one row of prefill; 0: not measured yet. */
  readonly msPerRow: number
  /** How long running streams may be held up by prefill. */
  readonly targetMs: number
  /**
   * Each sequence has cells of its own. The library then computes the first row of every sequence together and the rest of a prompt after
   * it, and gives short sequences as many cells to look through as the longest has. So prompts and running streams take turns.
   */
  readonly ownCells: boolean
  /** With `ownCells`: whose turn it is where both want one. */
  readonly turn: "decode" | "prefill"
}

export interface StepPlan<Stream> {
  readonly decode: readonly Stream[]
  readonly prefill: readonly { readonly stream: Stream; readonly rows: number }[]
}

/**
 * Decode rows first, then prefill rows in a budget; or one of them, where sequences have cells of their own. All streams given must have
 * the same `adapterKey` (see `chooseGroup`). Prefill is shared by deficit round-robin, the shortest prompt first.
 */
export function planStep<Stream extends PlannableStream>(
  streams: readonly Stream[],
  budget: StepBudget,
): StepPlan<Stream> {
  const decode = streams.filter((stream) => stream.promptRows === 0).slice(0, budget.capacity)
  const waiting = streams
    .filter((stream) => stream.promptRows > 0)
    .sort((a, b) => a.promptRows - b.promptRows)
  if (waiting.length === 0) return { decode, prefill: [] }
  const takesTurns = budget.ownCells && decode.length > 0
  if (takesTurns && budget.turn === "decode") return { decode, prefill: [] }
  const beside = takesTurns ? [] : decode
  const room = Math.min(budget.capacity - beside.length, budget.prefillCapacity)
  const rows = Math.min(prefillRows({ decoding: decode.length, waiting: waiting.length }, budget), room)
  const [only] = waiting
  // The last rows of a prompt go along: alone they would cost up to twice as much. Some more of them where nobody reads.
  const hasReaders = decode.length > 0
  const few = !hasReaders && rows >= LEAST_BATCH_ROWS ? LEAST_BATCH_ROWS : BLOCK_ROWS
  const most = hasReaders ? room : Math.min(MOST_ROWS, budget.capacity)
  if (waiting.length === 1 && only !== undefined && only.promptRows - rows < few && only.promptRows <= most)
    return { decode: beside, prefill: [{ stream: only, rows: only.promptRows }] }
  return { decode: beside, prefill: share(waiting, rows) }
}

/** Before anything was measured, a step is no longer than this: nobody knows yet how long it takes. */
const UNMEASURED_ROWS = 2 * BLOCK_ROWS

/**
 * Rows of prefill that fit in the time that running streams may wait. Where more wait for their first word than for their next one, they are
 * served together in so many times that.
 */
export function prefillRows(
  { decoding, waiting }: { readonly decoding: number; readonly waiting: number },
  budget: StepBudget,
): number {
  if (budget.msPerRow <= 0) return Math.min(UNMEASURED_ROWS, budget.capacity)
  if (decoding === 0) return budget.capacity
  const targetMs = budget.targetMs * Math.max(1, waiting / decoding)
  const blocks = Math.round(targetMs / budget.msPerRow / BLOCK_ROWS)
  return BLOCK_ROWS * Math.min(8, Math.max(1, blocks))
}

function share<Stream extends PlannableStream>(
  waiting: readonly Stream[],
  budget: number,
): { stream: Stream; rows: number }[] {
  let left = budget
  const taken = new Map<Stream, number>()
  const take = (stream: Stream, wanted: number) => {
    const already = taken.get(stream) ?? 0
    const remaining = stream.promptRows - already
    const possible = Math.min(wanted, remaining, left)
    // A prompt is cut at blocks only, unless it ends here or nothing else is in the batch.
    const blocks = wholeBlocks(already + possible) - already
    const rows = possible === remaining ? possible : Math.min(blocks, possible)
    if (rows <= 0) return
    taken.set(stream, already + rows)
    left -= rows
  }
  for (const stream of waiting) stream.deficit += budget / waiting.length
  // What a stream has earned by waiting, most of it first, so that a long prompt comes to its turn among short ones.
  for (const stream of [...waiting].sort((a, b) => b.deficit - a.deficit)) {
    take(stream, Math.min(stream.deficit, budget))
    stream.deficit -= taken.get(stream) ?? 0
  }
  for (const stream of waiting) take(stream, left)
  if (taken.size === 0 && waiting[0] !== undefined && left > 0)
    taken.set(waiting[0], Math.min(left, waiting[0].promptRows))
  return waiting.flatMap((stream) => {
    const rows = taken.get(stream)
    if (rows === undefined) return []
    if (rows === stream.promptRows) stream.deficit = 0
    return [{ stream, rows }]
  })
}

/** Rows in whole blocks that take no longer than `ms`; one block at least. `msPerRow` 0: not known yet. */
export function rowsWithin(
  ms: number,
  { msPerRow, most }: { readonly msPerRow: number; readonly most: number },
): number {
  if (msPerRow <= 0) return most
  return Math.min(most, BLOCK_ROWS * Math.max(1, Math.floor(ms / msPerRow / BLOCK_ROWS)))
}

/** Fewer take up to one and a half times as long for each (64 with nine heads, `docs/benchmarks`), and nobody who reads waits for them. */
const LEAST_BATCH_ROWS = 2 * BLOCK_ROWS

export interface PromptBatch {
  /** 0: not known yet. */
  readonly msPerRow: number
  /** How long it may take. */
  readonly batchMs: number
  /** Rows that the context has room for. */
  readonly capacity: number
}

/** Rows of the next batch of a prompt that has batches of its own: whole blocks within `batchMs`, and no rest of less than one. */
export function promptBatchRows(remaining: number, { msPerRow, batchMs, capacity }: PromptBatch): number {
  const within = msPerRow <= 0 ? UNMEASURED_ROWS : rowsWithin(batchMs, { msPerRow, most: MOST_ROWS })
  const most = Math.min(capacity, Math.max(LEAST_BATCH_ROWS, within))
  if (remaining <= most) return remaining
  if (most <= BLOCK_ROWS) return most
  return remaining - most < BLOCK_ROWS ? most - BLOCK_ROWS : most
}

function wholeBlocks(rows: number): number {
  return Math.max(0, rows - (rows % BLOCK_ROWS))
}

/** Steps that one group of adapters keeps the context: a switch costs about a third of a step. */
const STEPS_PER_GROUP = 8

export interface GroupTurn {
  readonly key: string
  readonly steps: number
}

/**
 * Whose turn it is among groups of equal adapters. `keys` are those of streams that can go on, `present` those of all, in the order in which
 * they came: a group that stands still keeps its place. `previous` is what was returned last time.
 */
export function chooseGroup(
  { keys, present = keys }: { readonly keys: readonly string[]; readonly present?: readonly string[] },
  previous: GroupTurn | null,
): GroupTurn | null {
  const [first] = keys
  if (first === undefined) return null
  if (previous === null) return { key: first, steps: 1 }
  const able = new Set(keys)
  if (able.has(previous.key) && (previous.steps < STEPS_PER_GROUP || able.size === 1))
    return { key: previous.key, steps: previous.steps + 1 }
  const groups = [...new Set(present)]
  const at = groups.indexOf(previous.key)
  const key = [...groups.slice(at + 1), ...groups.slice(0, at + 1)].find((group) => able.has(group)) ?? first
  return { key, steps: 1 }
}
