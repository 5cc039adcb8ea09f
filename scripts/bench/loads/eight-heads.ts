// The bench's model with eight heads in place of its nine. How well the library cuts attention into parts depends on the number of heads:
// 8, 16 and 32, which most models have, fill its tiles; nine do not.
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from "node:fs"
import { ggmlType, tensorBytes, type WritableTensor, writeGguf } from "../../../packages/gguf/src/index.ts"
import { readModelHeader } from "./model-header.ts"

const HEAD_SIZE = 64
/** Heads that stay, by number, two for each of the new groups; null: one that adds nothing. Three heads of the model share keys and values. */
const HEADS = [0, 1, 3, 4, 6, 7, 2, null] as const
const GROUPS = [0, 1, 2, 0] as const
const SHAPE = {
  "llama.attention.head_count": HEADS.length,
  "llama.attention.head_count_kv": GROUPS.length,
  "llama.attention.key_length": HEAD_SIZE,
  "llama.attention.value_length": HEAD_SIZE,
} as const

/** Makes the file unless it is there. Only for the shape of SmolLM2-135M; throws for others. The answers are a little damaged. */
export async function writeEightHeads(modelPath: string, path: string): Promise<void> {
  if (existsSync(path)) return
  const header = await readModelHeader(modelPath)
  if (header.metadata.get("llama.attention.head_count")?.value !== 9)
    throw new Error("the model has another number of heads than nine")
  const bytes = readFileSync(modelPath)
  const tensors = header.tensors.map(({ name, type, dimensions, offset }): WritableTensor => {
    const from = header.dataOffset + Number(offset)
    const data = bytes.subarray(from, from + tensorBytes(type, dimensions))
    return withHeads({ name, type, dimensions, data })
  })
  const metadata = [
    ...[...header.metadata].filter(([key]) => !(key in SHAPE)),
    ...Object.entries(SHAPE).map(([key, value]) => [key, { type: "uint32", value }] as const),
  ]
  const unfinished = `${path}.part`
  const file = openSync(unfinished, "w")
  try {
    await writeGguf({ metadata, tensors }, (piece) => void writeSync(file, piece))
  } finally {
    closeSync(file)
  }
  renameSync(unfinished, path)
}

interface Tensor extends WritableTensor {
  readonly data: Uint8Array
}

function withHeads(tensor: Tensor): WritableTensor {
  const { name, type, dimensions, data } = tensor
  const [width = 0, height = 0] = dimensions
  const rowBytes = data.length / Math.max(1, height)
  const rowsOf = (head: number) =>
    data.subarray(head * HEAD_SIZE * rowBytes, (head + 1) * HEAD_SIZE * rowBytes)
  if (/attn_q\.weight$/.test(name)) {
    const rows = HEADS.map((head) => rowsOf(head ?? 0))
    return { name, type, dimensions: [width, HEADS.length * HEAD_SIZE], data: Buffer.concat(rows) }
  }
  if (/attn_[kv]\.weight$/.test(name))
    return {
      name,
      type,
      dimensions: [width, GROUPS.length * HEAD_SIZE],
      data: Buffer.concat(GROUPS.map(rowsOf)),
    }
  if (!/attn_output\.weight$/.test(name)) return tensor
  const perBlock = ggmlType(type)?.itemsPerBlock
  if (perBlock === undefined || HEAD_SIZE % perBlock !== 0)
    throw new Error(`${name}: blocks of ${type} go over heads`)
  const headBytes = tensorBytes(type, [HEAD_SIZE])
  const rows = Array.from({ length: height }, (_, row) =>
    HEADS.map((head) => {
      const at = row * rowBytes + (head ?? 0) * headBytes
      return head === null ? new Uint8Array(headBytes) : data.subarray(at, at + headBytes)
    }),
  )
  return { name, type, dimensions: [HEADS.length * HEAD_SIZE, height], data: Buffer.concat(rows.flat()) }
}
