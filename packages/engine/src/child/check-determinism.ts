// Deterministic mode trusts no processor unseen: do rows computed alone and in batches of several sizes have the same bits here?
// What depends on the length of the context is not asked (it would take hundreds of rows): the q8_0 cache decides that.
import { createHash } from "node:crypto"
import { AppError } from "@fireside/protocol"
import type { NativeContext } from "./native/context.ts"
import type { NativeModel } from "./native/model.ts"

/** Each row is computed once alone; kernels work on up to 16 at a time. */
const ROWS = 16
/** Sizes of the batches that the same rows come in: even, odd, and all at once. */
const SPLITS: readonly (readonly number[])[] = Object.freeze([
  [2, 2, 2, 2, 2, 2, 2, 2],
  [3, 5, 8],
  [4, 4, 4, 4],
  [7, 9],
  [16],
])

export interface DeterminismCheck {
  readonly model: Pick<NativeModel, "vocabularySize">
  readonly context: Pick<
    NativeContext,
    "clear" | "addRow" | "decode" | "logits" | "clearMemory" | "rowCapacity" | "setThreads"
  >
  readonly threads: number
  /** The processor's features, for the message. */
  readonly systemInfo: string
}

/** Throws `cannot-be-deterministic` where the bits differ. The memory is empty afterwards. */
export function checkDeterminism(check: DeterminismCheck): void {
  const { context, threads, systemInfo } = check
  if (context.rowCapacity < ROWS) throw differs(`batches of ${context.rowCapacity} rows`, systemInfo)
  // One thread waits for no other: on a busy machine many short steps with several would take half a minute.
  context.setThreads(1)
  const alone = digests(
    check,
    Array.from({ length: ROWS }, () => 1),
  )
  for (const split of SPLITS)
    if (!isSame(alone, digests(check, split)))
      throw differs(`batches of ${split.join(", ")} rows`, systemInfo)
  context.setThreads(threads)
  const byAll = digests(check, [1, ROWS - 1])
  if (!isSame(alone, byAll)) throw differs(`${threads} threads in place of one`, systemInfo)
}

/** One digest of the logits of each row. */
function digests({ context, model }: DeterminismCheck, split: readonly number[]): readonly string[] {
  context.clearMemory()
  const found: string[] = []
  for (const rows of split) {
    context.clear()
    for (let row = 0; row < rows; row++) {
      const position = found.length + row
      // Tokens from all over the vocabulary.
      context.addRow((300 + position * 104_729) % model.vocabularySize, position, 0, true)
    }
    const result = context.decode()
    if (result !== "done") throw new Error(`llama_decode: ${result}`)
    for (let row = 0; row < rows; row++)
      found.push(createHash("sha256").update(context.logits(row)).digest("hex"))
  }
  context.clearMemory()
  context.clear()
  return found
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((digest, index) => digest === others[index])
}

function differs(how: string, systemInfo: string): AppError {
  return new AppError("cannot-be-deterministic", {
    message: `On this processor the model's results change with ${how} (${systemInfo.trim()}).`,
    hint: "Load it without deterministic mode.",
  })
}
