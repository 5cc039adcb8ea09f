// Real weights, loaded in deterministic mode for the exactness suite.
import { realpathSync } from "node:fs"
import { join } from "node:path"
import { createLlamaEngine, type LlamaModel, type PrefixCache } from "@fireside/engine"
import type { LoadPlan } from "@fireside/fit"

/** Without real weights there is nothing to compare; `npm test` says that it ran without. */
export const CACHE = process.env.FIRESIDE_TEST_CACHE

const NEVER = new AbortController().signal
const PLAN: LoadPlan = {
  contextLength: 1_536,
  streams: 6,
  batchRows: 512,
  microBatchRows: 512,
  kvType: "q8_0",
  useMmap: true,
  gpuLayers: 0,
  threads: 1,
  cpus: [],
  embeddings: false,
  deterministic: true,
  memory: { weightsBytes: 0, kvBytes: 0, computeBytes: 0, totalBytes: 0 },
  budgetBytes: 0,
}

export interface Loaded extends AsyncDisposable {
  readonly model: LlamaModel
}

/** In a process of its own. */
export async function load(
  changes: Partial<LoadPlan> = {},
  cache?: PrefixCache,
  file = "smollm2.gguf",
): Promise<Loaded> {
  const engine = createLlamaEngine(cache === undefined ? {} : { cacheFolder: cache.folder })
  const path = realpathSync(join(CACHE ?? "", file))
  const asked = { name: file, path, ...(cache === undefined ? {} : { cache }) }
  const model = await engine.load(asked, { ...PLAN, ...changes }, NEVER)
  return {
    model,
    [Symbol.asyncDispose]: async () => {
      await model[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}
