// Writes GGUF files (version 3), piece by piece, so that a model need not fit in memory.

import { encodeHeader, type WritableEntry } from "./encode-header.ts"
import { ggmlType, tensorBytes } from "./ggml-types.ts"
import { padded } from "./read-tensors.ts"

export interface WritableTensor {
  readonly name: string
  /** ggml order: row length first. */
  readonly dimensions: readonly number[]
  /** Name of the ggml type. */
  readonly type: string
  /** The tensor's bytes, whole or in pieces; exactly as many as the type and the dimensions need. */
  readonly data: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}

export interface WritableGguf {
  /** In the order they are written. `general.alignment` in here is obeyed; without it the alignment is 32. */
  readonly metadata: Iterable<readonly [key: string, entry: WritableEntry]>
  readonly tensors: readonly WritableTensor[]
}

/** Takes the next bytes of the file; the next piece comes when the promise is fulfilled. */
export type ByteSink = (bytes: Uint8Array) => void | Promise<void>

const DEFAULT_ALIGNMENT = 32

/**
 * Writes a file to a sink.
 *
 * @returns the size of the file, bytes.
 * @throws RangeError for a tensor of an unknown type or of the wrong size; the signal's reason.
 */
export async function writeGguf(
  { metadata, tensors }: WritableGguf,
  sink: ByteSink,
  signal?: AbortSignal,
): Promise<number> {
  const entries = [...metadata]
  const declared = entries.find(([key]) => key === "general.alignment")?.[1].value
  const alignment = typeof declared === "number" ? declared : DEFAULT_ALIGNMENT
  if (alignment < 1 || (alignment & (alignment - 1)) !== 0) throw new RangeError(`alignment ${alignment}`)
  let offset = 0
  const placed = tensors.map(({ name, dimensions, type }) => {
    const at = offset
    offset = padded(offset + tensorBytes(type, dimensions), alignment)
    return { name, dimensions, typeId: ggmlType(type)?.id ?? 0, offset: at }
  })
  const header = encodeHeader({ version: 3, metadata: entries, tensors: placed })
  await sink(header)
  let written = header.length
  for (const tensor of tensors) {
    signal?.throwIfAborted()
    written += await pad(sink, written, alignment)
    written += await writeTensor(tensor, sink, signal)
  }
  // llama.cpp reads whole aligned tensors when it copies, so the last one is padded too.
  return written + (await pad(sink, written, alignment))
}

async function writeTensor(
  { name, data, type, dimensions }: WritableTensor,
  sink: ByteSink,
  signal: AbortSignal | undefined,
): Promise<number> {
  const expected = tensorBytes(type, dimensions)
  let written = 0
  for await (const piece of data instanceof Uint8Array ? [data] : data) {
    signal?.throwIfAborted()
    written += piece.length
    if (written > expected) break
    await sink(piece)
  }
  if (written !== expected) {
    const found = written > expected ? "more" : String(written)
    throw new RangeError(`${name} needs ${expected} bytes, but its data has ${found}`)
  }
  return written
}

async function pad(sink: ByteSink, written: number, alignment: number): Promise<number> {
  const missing = padded(written, alignment) - written
  if (missing > 0) await sink(new Uint8Array(missing))
  return missing
}
