// Where the vectors of a batch come from: against a graph that is a script, and against the library's own vectors with a tiny model.
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import type { TensorPointer } from "../native/abi.ts"
import type { DecodeResult, NativeContext } from "../native/context.ts"
import { createContext } from "../native/context.ts"
import { loadTinyNative, type TinyNative } from "../native/tiny-model.fixture.ts"
import { createEmbeddingContext } from "./embedding-context.ts"
import { createVectorsBeforeHead, POOLING } from "./vectors-before-head.ts"

const LENGTH = 2
/** Of two texts: three rows and one. */
const ROWS = [1, 2, 3, 4, 8, 9, 5, 6]
const SEQUENCES = [0, 0, 0, 1]
const VECTORS = { mean: [4, 5], first: [1, 2], last: [8, 9] }
const SECOND = [5, 6]
const GRAPH = ["embd", "ffn_out", "result_norm", "result_output", "pooled"]

interface Script {
  graph: readonly string[]
  /** What the library says of the first text; of the second it says `SECOND`. */
  libraryVector: readonly number[]
  rows: Float32Array | null
  pooling: number
  result: DecodeResult
}

function open(script: Script) {
  const computed: string[][] = []
  let rowCount = 0
  const context = createVectorsBeforeHead({
    vectorLength: LENGTH,
    tensors: {
      nameOf: (tensor) => script.graph[Number(tensor)] ?? "",
      read: (_, floats) => (floats === script.rows?.length ? script.rows : null),
    },
    open: (watch) => ({
      pooling: script.pooling,
      context: {
        clear: () => {
          rowCount = 0
        },
        addRow: () => rowCount++,
        decode: () => {
          const nodes: string[] = []
          computed.push(nodes)
          for (const [index, name] of script.graph.entries()) {
            const tensor = BigInt(index) as TensorPointer
            const isAsked = watch(tensor, true)
            nodes.push(name)
            if (isAsked && !watch(tensor, false)) break
          }
          return script.result
        },
        embedding: (sequence: number) => Float32Array.from(sequence === 0 ? script.libraryVector : SECOND),
      } as unknown as NativeContext, // the methods that are used
    }),
  })
  const decode = () => {
    context.clear()
    for (const sequence of SEQUENCES) context.addRow(0, 0, sequence, true)
    const result = context.decode()
    return { result, vectors: [Array.from(context.embedding(0)), Array.from(context.embedding(1))] }
  }
  return { decode, computed }
}

function script(changes: Partial<Script> = {}): Script {
  const rows = Float32Array.from(ROWS)
  return {
    graph: GRAPH,
    libraryVector: VECTORS.mean,
    rows,
    pooling: POOLING.mean,
    result: "done",
    ...changes,
  }
}

test.each(["mean", "first", "last"] as const)("%s: the head is computed once, to compare", (kind) => {
  const { decode, computed } = open(script({ pooling: POOLING[kind], libraryVector: VECTORS[kind] }))
  for (let batch = 0; batch < 3; batch++)
    expect(decode()).toEqual({ result: "done", vectors: [VECTORS[kind], SECOND] })
  expect(computed).toEqual([GRAPH, GRAPH.slice(0, 3), GRAPH.slice(0, 3)])
})

test.each([
  ["whose vectors are others", { libraryVector: [4, 5.01] }],
  ["whose rows are of another size", { rows: new Float32Array(6) }],
  ["without such a node", { graph: ["embd", "result_embd", "pooled"] }],
  ["that ranks", { pooling: 4 }],
] satisfies [string, Partial<Script>][])("a model %s keeps the library's way", (_, changes) => {
  const odd = script(changes)
  const { decode, computed } = open(odd)
  for (let batch = 0; batch < 3; batch++)
    expect(decode().vectors).toEqual([Array.from(Float32Array.from(odd.libraryVector)), SECOND])
  expect(computed).toEqual([odd.graph, odd.graph, odd.graph])
})

test("a batch that did not end says nothing: the next one is compared", () => {
  const changing = script({ result: "aborted" })
  const { decode, computed } = open(changing)
  expect(decode().result).toBe("aborted")
  changing.result = "done"
  decode()
  expect(computed.at(-1)).toEqual(GRAPH)
  decode()
  expect(computed.at(-1)).toEqual(GRAPH.slice(0, 3))
})

test("a node that has moved is found again, and vectors are right meanwhile", () => {
  const changing = script()
  const { decode, computed } = open(changing)
  decode()
  decode()
  const longer = ["embd", "rope", ...GRAPH.slice(1)]
  for (const graph of [longer, longer, GRAPH, GRAPH, GRAPH]) {
    changing.graph = graph
    expect(decode().vectors).toEqual([VECTORS.mean, SECOND])
  }
  expect(computed.at(-1)).toEqual(GRAPH.slice(0, 3))
})

let tiny: TinyNative
beforeAll(() => {
  tiny = loadTinyNative()
})
afterAll(() => tiny.model[Symbol.dispose]())

test("with a real model the vectors are the library's, which is asked for those of the first batch only", () => {
  const { library, model } = tiny
  const asked = vi.spyOn(library.functions, "llama_get_embeddings_seq")
  const options = { threads: 1, pool: null }
  using short = createEmbeddingContext({ library, model, ...options }, 256)
  using whole = createContext(library, model, {
    ...options,
    cellsPerSequence: 256,
    sequences: 64,
    batchRows: 256,
    microBatchRows: 256,
    kvType: "f16",
    embeddings: "mean",
  })
  const vectorsOf = (context: NativeContext, lengths: readonly number[]) => {
    context.clear()
    for (const [sequence, length] of lengths.entries())
      for (let position = 0; position < length; position++)
        context.addRow((7 * sequence + 11 * position) % 200, position, sequence, true)
    context.clearMemory()
    expect(context.decode()).toBe("done")
    return lengths.map((_, sequence) => context.embedding(sequence))
  }
  const batches = [[30, 5], [17], [1, 60, 9, 40]]
  const all = batches.map((lengths) => vectorsOf(whole, lengths))
  asked.mockClear()
  for (const [batch, lengths] of batches.entries()) {
    const expected = all[batch] ?? []
    for (const [sequence, vector] of vectorsOf(short, lengths).entries())
      for (const [at, value] of vector.entries()) expect(value).toBeCloseTo(expected[sequence]?.[at] ?? 0, 5)
  }
  expect(asked).toHaveBeenCalledTimes(2)
})
