import { type GgufHeader, openFileSource, readHeader } from "../../../packages/gguf/src/index.ts"
import { GGUF_LIMITS } from "../../../packages/protocol/src/index.ts"

/** Of a model file. Throws what opening the file and reading its header throw. */
export async function readModelHeader(path: string): Promise<GgufHeader> {
  await using source = await openFileSource(path)
  return await readHeader(source, { limits: GGUF_LIMITS })
}
