// Which prompt is worth a context of its own. Pure: numbers in, a choice out.
import { BLOCK_ROWS, type PlannableStream } from "../step-planner.ts"

/** To make the context and to bring its results over takes about a tenth of this, milliseconds. */
const WORTH_MS = 2_000
/** Another prompt takes the place of the one that is being computed when it is shorter by this share of what is left of that. */
const MUCH_SHORTER = 0.5

export interface ApartChoice<Stream> {
  /** Whose prompt has the context. Null: none. */
  readonly current: Stream | null
  /** Rows of the prompt that are not computed yet, wherever they are. */
  readonly rowsOf: (stream: Stream) => number
  /** Measured time of one row of prefill; 0: not measured yet. */
  readonly msPerRow: number
  /** How long running streams may be held up by prefill. */
  readonly targetMs: number
}

/** Until a row was measured: a prompt of 500 tokens is long, and holds others up. */
const UNMEASURED_MS_PER_ROW = 4

/** Does so much of a prompt take long enough? */
export function isLong(rows: number, msPerRow: number): boolean {
  return rows * (msPerRow > 0 ? msPerRow : UNMEASURED_MS_PER_ROW) >= WORTH_MS
}

/**
 * Null: each prompt goes on in the common context, because nobody would wait for a block of it, or none is long. The shortest goes first; one
 * that waits while others are computed counts for so much less (see `PlannableStream.deficit`). Whose prompt has the context keeps it, unless
 * another is much shorter.
 */
export function chooseApart<Stream extends PlannableStream>(
  streams: readonly Stream[],
  { current, rowsOf, msPerRow, targetMs }: ApartChoice<Stream>,
): Stream | null {
  if (!streams.some((stream) => stream.promptRows === 0)) return null
  const present = current !== null && streams.includes(current) ? current : null
  const holdsUp = msPerRow <= 0 || BLOCK_ROWS * msPerRow > targetMs
  const counted = (stream: Stream) => rowsOf(stream) - stream.deficit
  const [shortest] = streams
    .filter((stream) => stream !== present && holdsUp && isLong(stream.promptRows, msPerRow))
    .sort((a, b) => counted(a) - counted(b))
  if (present === null || shortest === undefined) return present ?? shortest ?? null
  const lead = counted(present) - counted(shortest)
  return lead > MUCH_SHORTER * rowsOf(present) ? shortest : present
}
