// Cuts a model into two parts as llama.cpp's gguf-split does: all metadata in the first, tensors in both.
import {
  bufferSource,
  readHeader,
  type TensorInfo,
  type WritableEntry,
  type WritableTensor,
  writeGguf,
} from "@fireside/gguf"
import { GGUF_LIMITS } from "@fireside/protocol"

export async function splitModel(bytes: Uint8Array): Promise<readonly [Uint8Array, Uint8Array]> {
  const header = await readHeader(bufferSource(bytes), { limits: GGUF_LIMITS })
  const half = Math.ceil(header.tensors.length / 2)
  const data = ({ name, dimensions, type, offset, sizeBytes }: TensorInfo): WritableTensor => ({
    name,
    dimensions,
    type,
    data: bytes.subarray(header.dataOffset + offset, header.dataOffset + offset + sizeBytes),
  })
  const write = async (
    number: number,
    metadata: readonly (readonly [string, WritableEntry])[],
    tensors: readonly TensorInfo[],
  ): Promise<Uint8Array> => {
    const pieces: Uint8Array[] = []
    const split: readonly (readonly [string, WritableEntry])[] = [
      ["split.no", { type: "uint16", value: number }],
      ["split.count", { type: "uint16", value: 2 }],
      ["split.tensors.count", { type: "int32", value: header.tensors.length }],
    ]
    await writeGguf(
      { metadata: [...metadata, ...split], tensors: tensors.map(data) },
      (piece) => void pieces.push(piece),
    )
    return Buffer.concat(pieces)
  }
  return [
    await write(0, [...header.metadata], header.tensors.slice(0, half)),
    await write(1, [], header.tensors.slice(half)),
  ]
}
