// Joins the parts of a split model into one file: the first part's metadata, all parts' tensors. The engine and the blobs then know only
// models in one file.
import { createHash } from "node:crypto"
import { open } from "node:fs/promises"
import {
  type ByteSource,
  GgufError,
  type GgufHeader,
  openFileSource,
  readHeader,
  type WritableTensor,
  writeGguf,
} from "@fireside/gguf"
import { AppError, GGUF_LIMITS } from "@fireside/protocol"

export interface MergedFile {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

const PIECE_BYTES = 4 * 1024 * 1024

/** Throws `bad-model-file` when the parts do not belong together. */
export async function mergeSplit(
  paths: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<MergedFile> {
  await using opened = new AsyncDisposableStack()
  const parts: { readonly source: ByteSource; readonly header: GgufHeader }[] = []
  for (const part of paths) {
    const source = opened.use(await openFileSource(part))
    parts.push({ source, header: await readPart(source, part, signal) })
  }
  requireWhole(parts.map(({ header }) => header))
  const [first] = parts
  if (first === undefined) throw new Error("A model has at least one part")
  const tensors = parts.flatMap(({ source, header }) =>
    header.tensors.map(
      ({ name, dimensions, type, offset, sizeBytes }): WritableTensor => ({
        name,
        dimensions,
        type,
        data: pieces(source, header.dataOffset + offset, sizeBytes, signal),
      }),
    ),
  )
  const metadata = [...first.header.metadata].filter(([key]) => !key.startsWith("split."))
  const hash = createHash("sha256")
  const file = await open(path, "w", 0o600)
  try {
    const sizeBytes = await writeGguf(
      { metadata, tensors },
      async (bytes) => {
        hash.update(bytes)
        await file.writeFile(bytes)
      },
      signal,
    )
    await file.sync()
    return { path, sizeBytes, sha256: hash.digest("hex") }
  } finally {
    await file.close()
  }
}

async function readPart(source: ByteSource, path: string, signal: AbortSignal): Promise<GgufHeader> {
  try {
    return await readHeader(source, { limits: GGUF_LIMITS }, signal)
  } catch (error) {
    if (!(error instanceof GgufError)) throw error
    throw new AppError("bad-model-file", {
      message: `A part of the model is broken: ${error.message} (rule ${error.rule}, at byte ${error.offset}).`,
      details: { rule: error.rule, offset: error.offset, path },
      cause: error,
    })
  }
}

function requireWhole(headers: readonly GgufHeader[]): void {
  for (const [index, { metadata }] of headers.entries()) {
    const number = Number(metadata.get("split.no")?.value ?? 0)
    const count = Number(metadata.get("split.count")?.value ?? 1)
    if (number !== index || count !== headers.length)
      throw new AppError("bad-model-file", {
        message: `Part ${index + 1} of ${headers.length} says that it is part ${number + 1} of ${count}.`,
        details: { rule: "split-order", offset: metadata.get("split.no")?.offset ?? 0 },
      })
  }
}

async function* pieces(
  source: ByteSource,
  offset: number,
  sizeBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < sizeBytes; at += PIECE_BYTES)
    yield await source.read(offset + at, Math.min(PIECE_BYTES, sizeBytes - at), signal)
}
