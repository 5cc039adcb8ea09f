// How fast this machine multiplies with one type of weights: a prompt step and single steps of a model that was made for it. The loop that
// serves is left out, because only the kernels are compared.
import type { KernelSpeedOptions, KernelSpeedResult } from "./messages.ts"
import { createContext } from "./native/context.ts"
import type { NativeLibrary } from "./native/library.ts"
import { loadModel } from "./native/model.ts"

/** A busy machine must not make it long: so much for each of the two, then what there is counts. */
const BUDGET_MS = 120
const RUNS = { prefill: 4, decode: 24 } as const
/** At most what the model has. */
const VOCABULARY = 256

/**
 * With one thread: two would wait for each other at every step, so that a foreign program on one processor would be measured in place of the
 * kernels.
 */
export function kernelSpeed(library: NativeLibrary, { path, rows }: KernelSpeedOptions): KernelSpeedResult {
  using model = loadModel(library, { path, useMmap: false, gpuLayers: 0 })
  using context = createContext(library, model, {
    cellsPerSequence: rows,
    sequences: 1,
    batchRows: rows,
    microBatchRows: rows,
    kvType: "f16",
    threads: 1,
    pool: null,
  })
  const step = (count: number): number => {
    context.clearMemory()
    context.clear()
    for (let row = 0; row < count; row++) context.addRow((row * 7) % VOCABULARY, row, 0, row === count - 1)
    const startedAt = computedMs()
    const result = context.decode()
    context.synchronize()
    if (result !== "done") throw new Error(`llama_decode of a speed model: ${result}`)
    return computedMs() - startedAt
  }
  // The first one touches the weights.
  step(1)
  return {
    prefillRowsPerSecond: (rows / bestOf(RUNS.prefill, () => step(rows))) * 1_000,
    decodeRowsPerSecond: 1_000 / bestOf(RUNS.decode, () => step(1)),
  }
}

/** Processor time of this thread, which computes alone: what other programs take of the processor does not count. */
function computedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** The shortest of several runs is what the kernels can do; the others had company. */
function bestOf(runs: number, run: () => number): number {
  const endAt = performance.now() + BUDGET_MS
  let best = run()
  for (let done = 1; done < runs && performance.now() < endAt; done++) best = Math.min(best, run())
  // A clock that counts in ticks may have seen nothing.
  return Math.max(best, 0.001)
}
