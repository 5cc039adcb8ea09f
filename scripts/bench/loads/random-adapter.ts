// A LoRA adapter of random numbers for a model: it changes little of what is said and costs what any adapter costs.
import { closeSync, openSync, writeSync } from "node:fs"
import { writeGguf } from "../../../packages/gguf/src/index.ts"
import { readModelHeader } from "./model-header.ts"
import { createWords } from "./random-words.ts"

export interface RandomAdapterOptions {
  readonly modelPath: string
  readonly path: string
  readonly seed: number
  readonly rank: number
}

/** Of attention, what adapters usually change. */
const CHANGED = /^blk\.\d+\.attn_(q|v)\.weight$/

/** Writes the file. Throws what reading the model's header throws. */
export async function writeRandomAdapter({
  modelPath,
  path,
  seed,
  rank,
}: RandomAdapterOptions): Promise<void> {
  const header = await readModelHeader(modelPath)
  const source = createWords(seed)
  const architecture = String(header.metadata.get("general.architecture")?.value ?? "")
  const tensors = header.tensors
    .filter(({ name }) => CHANGED.test(name))
    .flatMap(({ name, dimensions: [width = 0, height = 0] }) => [
      { name: `${name}.lora_a`, type: "F32", dimensions: [width, rank], data: noise(width * rank) },
      { name: `${name}.lora_b`, type: "F32", dimensions: [rank, height], data: noise(rank * height) },
    ])
  function noise(count: number): Uint8Array {
    const values = Float32Array.from({ length: count }, () => (source.below(2_001) - 1_000) * SIZE)
    return new Uint8Array(values.buffer)
  }
  const file = openSync(path, "w")
  try {
    const metadata = [
      ["general.type", { type: "string", value: "adapter" }],
      ["general.architecture", { type: "string", value: architecture }],
      ["adapter.type", { type: "string", value: "lora" }],
      ["adapter.lora.alpha", { type: "float32", value: rank }],
    ] as const
    await writeGguf({ metadata, tensors }, (bytes) => void writeSync(file, bytes))
  } finally {
    closeSync(file)
  }
}

/** Values up to 0.01: products of two are far below the weights. */
const SIZE = 1e-5
