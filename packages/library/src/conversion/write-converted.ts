// Writes a model file again with other types of weights, piece by piece: a model need not fit in memory, and the process stays responsive.
import { createHash } from "node:crypto"
import { open } from "node:fs/promises"
import {
  type ByteSource,
  dequantise,
  type GgufHeader,
  ggmlType,
  openFileSource,
  quantise,
  readHeader,
  tensorBytes,
  writeGguf,
} from "@fireside/gguf"
import { GGUF_LIMITS } from "@fireside/protocol"
import { type ConvertedTensor, chooseTypes, type Target } from "./choose-types.ts"

/** Values converted at once: some milliseconds of work between two looks at everything else. */
const PIECE_VALUES = 128 * 1024
const COPY_BYTES = 4 * 1024 * 1024

export interface ConvertFile {
  readonly from: string
  readonly to: string
  readonly target: Target
  /** Bytes of the new file that are written. */
  readonly onBytes: (doneBytes: number) => void
}

export interface WrittenFile {
  readonly sizeBytes: number
  readonly sha256: string
}

/** How large the file will be, and what changes in it. Throws `unsupported`. */
export function outlineConversion(
  header: GgufHeader,
  target: Target,
): { readonly tensors: readonly ConvertedTensor[]; readonly sizeBytes: number } {
  const tensors = chooseTypes(header.tensors, target)
  const bytes = tensors.map(
    ({ tensor, change }) => tensorBytes(change?.to ?? tensor.type, tensor.dimensions) + header.alignment,
  )
  return { tensors, sizeBytes: header.dataOffset + bytes.reduce((sum, size) => sum + size, 0) }
}

/** The new file is flushed to the disk. Throws what the file system throws. */
export async function writeConverted(
  { from, to, target, onBytes }: ConvertFile,
  signal: AbortSignal,
): Promise<WrittenFile> {
  await using source = await openFileSource(from)
  const header = await readHeader(source, { limits: GGUF_LIMITS }, signal)
  const { tensors } = outlineConversion(header, target)
  const metadata = [...header.metadata].map(([key, entry]) =>
    key === "general.file_type"
      ? ([key, { type: "uint32", value: target.fileType }] as const)
      : ([key, entry] as const),
  )
  const hash = createHash("sha256")
  await using file = await open(to, "wx", 0o600)
  let doneBytes = 0
  const sizeBytes = await writeGguf(
    {
      metadata,
      tensors: tensors.map((converted) => ({
        name: converted.tensor.name,
        dimensions: converted.tensor.dimensions,
        type: converted.change?.to ?? converted.tensor.type,
        data: piecesOf(converted, { source, dataOffset: header.dataOffset }, signal),
      })),
    },
    async (bytes) => {
      hash.update(bytes)
      await file.writeFile(bytes)
      doneBytes += bytes.length
      onBytes(doneBytes)
    },
    signal,
  )
  await file.sync()
  return { sizeBytes, sha256: hash.digest("hex") }
}

async function* piecesOf(
  { tensor, change }: ConvertedTensor,
  { source, dataOffset }: { readonly source: ByteSource; readonly dataOffset: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  // Rows are whole blocks of either type; a piece of whole blocks of both need not end with a row.
  const type = change === undefined ? undefined : ggmlType(change.from)
  const pieceBytes =
    type === undefined ? COPY_BYTES : (PIECE_VALUES / type.itemsPerBlock) * type.bytesPerBlock
  for (let at = 0; at < tensor.sizeBytes; at += pieceBytes) {
    const length = Math.min(pieceBytes, tensor.sizeBytes - at)
    const bytes = await source.read(dataOffset + tensor.offset + at, length, signal)
    yield change === undefined ? bytes : quantise(change.to, dequantise(change.from, bytes))
  }
}
