// Vectors of texts from the middle of the graph. What makes vectors of a chat model's weights computes the logits of every row as well, and
// nobody looks at them: a tenth of the time for 135 million weights, a quarter where the vocabulary is large. So the graph is watched, the rows
// are taken where the last layer ends, and it stops there. The first batch computes everything, and shows whether that gives the same vectors.
import type { TensorPointer } from "../native/abi.ts"
import type { NativeContext } from "../native/context.ts"

/** The library's name for the rows after the last layer. */
const LAST_ROWS = "result_norm"
/** Sums in another order differ in the last bits. */
const TOLERANCE = 1e-4

/** How rows become one vector, as the library counts them. */
export const POOLING = { mean: 1, first: 2, last: 3 } as const

/** Looks into a graph while it is computed. */
export interface GraphTensors {
  nameOf(tensor: TensorPointer): string
  /** Null: it is not made of so many floats. */
  read(tensor: TensorPointer, floats: number): Float32Array | null
}

export interface VectorsBeforeHeadOptions {
  readonly tensors: GraphTensors
  readonly vectorLength: number
  /**
   * Makes the context; `watch` is called for each node of its graph before it is computed (`isAsked`: true when it is to be seen
   * afterwards), and again for those, where false ends the graph. `pooling`: see `POOLING`.
   */
  readonly open: (watch: (tensor: TensorPointer, isAsked: boolean) => boolean) => {
    readonly context: NativeContext
    readonly pooling: number
  }
}

/** The context that was made, whose vectors come from the rows before the head once they have been the same. */
export function createVectorsBeforeHead(options: VectorsBeforeHeadOptions): NativeContext {
  const { tensors, vectorLength } = options
  /** `compared`: both ways, to see whether they agree. */
  let way: "compared" | "short" | "whole" = "compared"
  /** Which node of the graph it was last time: only that one is asked for its name. */
  let expectedNode = -1
  let node = 0
  let vectors: readonly Float32Array[] | null = null
  /** Of each row of the batch, its sequence. */
  let sequences: number[] = []

  const isLastRows = (tensor: TensorPointer): boolean => {
    const at = node++
    if (expectedNode >= 0 && at !== expectedNode) return false
    const isIt = tensors.nameOf(tensor) === LAST_ROWS
    expectedNode = isIt ? at : -1
    return isIt
  }
  const watch = (tensor: TensorPointer, isAsked: boolean): boolean => {
    if (way === "whole") return !isAsked
    if (isAsked) return isLastRows(tensor)
    const rows = tensors.read(tensor, sequences.length * vectorLength)
    if (rows === null) way = "whole"
    else vectors = pooled(rows, { sequences, vectorLength, pooling })
    return way !== "short"
  }
  const { context, pooling } = options.open(watch)
  const agree = (): boolean =>
    vectors?.every((vector, sequence) => isClose(vector, context.embedding(sequence))) === true
  if (!Object.values(POOLING).some((known) => known === pooling)) way = "whole"

  return {
    ...context,
    clear: () => {
      context.clear()
      sequences = []
    },
    get rows() {
      return context.rows
    },
    addRow: (token, position, sequence, wantsOutput) => {
      sequences.push(sequence)
      return context.addRow(token, position, sequence, wantsOutput)
    },
    decode: () => {
      node = 0
      vectors = null
      const result = context.decode()
      if (result === "done" && way === "compared") way = agree() ? "short" : "whole"
      return result
    },
    // Where the node was not found everything was computed.
    embedding: (sequence) =>
      (way === "short" ? vectors?.[sequence] : undefined) ?? context.embedding(sequence),
  }
}

interface Pooling {
  readonly sequences: readonly number[]
  readonly vectorLength: number
  readonly pooling: number
}

function pooled(rows: Float32Array, { sequences, vectorLength, pooling }: Pooling): Float32Array[] {
  const counts: number[] = []
  const vectors: Float32Array[] = []
  for (const [row, sequence] of sequences.entries()) {
    const values = rows.subarray(row * vectorLength, (row + 1) * vectorLength)
    const vector = vectors[sequence]
    counts[sequence] = (counts[sequence] ?? 0) + 1
    if (vector === undefined) vectors[sequence] = values.slice()
    else if (pooling === POOLING.last) vector.set(values)
    else if (pooling === POOLING.mean) addTo(vector, values)
  }
  if (pooling === POOLING.mean)
    for (const [sequence, vector] of vectors.entries()) scale(vector, 1 / (counts[sequence] ?? 1))
  return vectors
}

function addTo(sum: Float32Array, values: Float32Array): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + (values[at] ?? 0)
}

function scale(vector: Float32Array, factor: number): void {
  for (let at = 0; at < vector.length; at++) vector[at] = (vector[at] ?? 0) * factor
}

/** Relative to the length of the vectors. */
function isClose(first: Float32Array, second: Float32Array): boolean {
  let difference = 0
  let size = 0
  for (const [at, value] of second.entries()) {
    difference += ((first[at] ?? 0) - value) ** 2
    size += value ** 2
  }
  return difference <= TOLERANCE ** 2 * size
}
