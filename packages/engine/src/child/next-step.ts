// What the next step computes: whose turn it is, and whose rows. While all streams do nothing but decode, one plan serves many steps.
import type { NativeContext } from "./native/context.ts"
import {
  chooseGroup,
  type GroupTurn,
  MOST_ROWS,
  type PlannableStream,
  PREFILL_TARGET_MS,
  planStep,
  rowsWithin,
  type StepPlan,
} from "./step-planner.ts"
import type { Pace, TimedDecode } from "./timed-decode.ts"

export interface NextStepOptions {
  readonly context: Pick<NativeContext, "rowCapacity" | "share">
  readonly pace: Pick<Pace, "msPerRow">
  readonly timed: Pick<TimedDecode, "batchMs">
}

export interface SequencedStream extends PlannableStream {
  /** Null: not started. */
  readonly sequence: { readonly id: number } | null
}

export class NextStep<Stream extends SequencedStream> {
  readonly #options: NextStepOptions
  #turn: GroupTurn | null = null
  #prefillTurn = false
  #steady: StepPlan<Stream> | null = null

  constructor(options: NextStepOptions) {
    this.#options = options
  }

  /** The last plan, where it is the next one too, since `hold`. Null: choose anew. */
  get steady(): StepPlan<Stream> | null {
    return this.#steady?.decode.every(isDecoding) === true ? this.#steady : null
  }

  /** Of the streams that are `able` to go on, among all that are `running`. Null: nobody can. */
  choose(able: readonly Stream[], running: readonly Stream[]): StepPlan<Stream> | null {
    this.#turn = chooseGroup({ keys: able.map(keyOf), present: running.map(keyOf) }, this.#turn)
    if (this.#turn === null) return null
    const { key } = this.#turn
    const { context, pace, timed } = this.#options
    const plan = planStep(
      able.filter((stream) => stream.adapterKey === key),
      {
        capacity: context.rowCapacity,
        prefillCapacity: rowsWithin(timed.batchMs, { msPerRow: pace.msPerRow, most: MOST_ROWS }),
        msPerRow: pace.msPerRow,
        targetMs: PREFILL_TARGET_MS,
        ownCells: context.share === null,
        turn: this.#prefillTurn ? "prefill" : "decode",
      },
    )
    this.#prefillTurn = plan.prefill.length === 0
    return inSequence(plan)
  }

  /**
   * Nobody waits to be `running`. Where all of those decode in it, the plan goes on until `release`, or until one of them has to compute more
   * than its last token.
   */
  hold(plan: StepPlan<Stream>, running: readonly Stream[]): void {
    this.#steady = plan.decode.length === running.length ? plan : null
  }

  /** Somebody comes, goes, or waits for a reader. */
  release(): void {
    this.#steady = null
  }
}

/**
 * Where sequences have cells of their own, the library takes rows into one pass through the weights as long as the numbers of their sequences
 * follow each other (`split_equal`): 2, 0, 1 would be two passes.
 */
function inSequence<Stream extends SequencedStream>({ decode, prefill }: StepPlan<Stream>): StepPlan<Stream> {
  const idOf = ({ sequence }: Stream) => sequence?.id ?? -1
  return {
    decode: decode.toSorted((a, b) => idOf(a) - idOf(b)),
    prefill: prefill.toSorted((a, b) => idOf(a.stream) - idOf(b.stream)),
  }
}

const keyOf = (stream: PlannableStream): string => stream.adapterKey
const isDecoding = (stream: PlannableStream): boolean => stream.promptRows === 0
