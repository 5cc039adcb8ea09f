// How fast this machine multiplies with one type of weights: a prompt step and single steps of a model that was made for it. The loop that
// serves is left out, because only the kernels are compared.
import type { KernelSpeedOptions, KernelSpeedResult } from "./messages.ts"
import { createContext } from "./native/context.ts"
import type { NativeLibrary } from "./native/library.ts"
import { loadModel } from "./native/model.ts"

/** So much processor time makes a figure: the clock of some systems counts in ticks of ten. */
const MEASURED_MS = 60
/** A busy machine must not make it long: after this, what there is counts. */
const PATIENCE_MS = 500
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
    prefillRowsPerSecond: (rows / meanOf(() => step(rows))) * 1_000,
    decodeRowsPerSecond: 1_000 / meanOf(() => step(1)),
  }
}

/** Processor time of this thread, which computes alone: what other programs take of the processor does not count. */
function computedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** Milliseconds of one run. */
function meanOf(run: () => number): number {
  const endAt = performance.now() + PATIENCE_MS
  let spent = 0
  let runs = 0
  while (runs === 0 || (spent < MEASURED_MS && performance.now() < endAt)) {
    spent += run()
    runs += 1
  }
  // A clock that counts in ticks may have seen nothing.
  return Math.max(spent, 1) / runs
}
