// What one rendering may use up. Every operation of the interpreter pays here before it does its work.
import { REQUEST_LIMITS, TEMPLATE_LIMITS } from "@fireside/protocol"

/** Why a rendering ended: a limit, `raise_exception` of the template, or an operation that has no meaning. */
export type FailureKind = "limit" | "raised" | "failed"

/** Internal to `template/`; the door turns it into `bad-template`. */
export class TemplateFailure extends Error {
  readonly kind: FailureKind
  constructor(kind: FailureKind, message: string) {
    super(message)
    this.name = "TemplateFailure"
    this.kind = kind
  }
}

export const failed = (message: string): TemplateFailure => new TemplateFailure("failed", message)

export interface Budget {
  /** Pays for work; throws when steps or time are used up. */
  spend(steps: number): void
  /** Pays for a text of this many UTF-16 units that is about to be made. */
  spendText(length: number): void
  /** Around every macro call and every nested value. */
  enter(): void
  leave(): void
  /** Around every expression: the end of the stack must not be found in the middle of one. */
  descend(): void
  ascend(): void
}

/** Texts are copied far faster than expressions are evaluated: this many units cost one step. */
const TEXT_UNITS_PER_STEP = 256
const STEPS_BETWEEN_CLOCK_READS = 512
/** No value may outgrow what a whole request can hold. */
const VALUE_UNITS = REQUEST_LIMITS.bodyBytes

export function createBudget(clock: () => number, deadline: number): Budget {
  let steps = 0
  let nextClockRead = STEPS_BETWEEN_CLOCK_READS
  let depth = 0
  let expressions = 0
  const spend = (amount: number): void => {
    steps += amount
    if (steps > TEMPLATE_LIMITS.steps)
      throw new TemplateFailure("limit", `it took more than ${TEMPLATE_LIMITS.steps} steps`)
    if (steps < nextClockRead) return
    nextClockRead = steps + STEPS_BETWEEN_CLOCK_READS
    if (clock() > deadline)
      throw new TemplateFailure("limit", `it took longer than ${TEMPLATE_LIMITS.timeMs} ms`)
  }
  return {
    spend,
    spendText(length) {
      if (length > VALUE_UNITS)
        throw new TemplateFailure("limit", `it made a text of more than ${VALUE_UNITS} characters`)
      spend(Math.ceil(length / TEXT_UNITS_PER_STEP))
    },
    enter() {
      depth += 1
      if (depth > TEMPLATE_LIMITS.nesting)
        throw new TemplateFailure("limit", `it nested more than ${TEMPLATE_LIMITS.nesting} levels deep`)
    },
    leave() {
      depth -= 1
    },
    descend() {
      expressions += 1
      if (expressions > TEMPLATE_LIMITS.expressionDepth)
        throw new TemplateFailure("limit", "it nests too deep")
    },
    ascend() {
      expressions -= 1
    },
  }
}
