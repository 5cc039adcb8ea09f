// Weights of the cache folder in a type whose kernels give equal bits, converted once and kept beside them.
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { TARGETS } from "../../../packages/library/src/conversion/choose-types.ts"
import { writeConverted } from "../../../packages/library/src/conversion/write-converted.ts"

const NEVER = new AbortController().signal
const CONVERTED = "gemma3-q8_0.gguf"

/** @returns the file's name in the folder. */
export async function ensureConverted(folder: string): Promise<string> {
  const path = join(folder, CONVERTED)
  if (existsSync(path)) return CONVERTED
  // Under its own name only when it is whole: a run may be cut short.
  const work = mkdtempSync(join(folder, "convert-"))
  try {
    const to = join(work, CONVERTED)
    const file = { from: join(folder, "gemma3.gguf"), to, target: TARGETS.q8_0, onBytes: () => {} }
    await writeConverted(file, NEVER)
    renameSync(to, path)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return CONVERTED
}
