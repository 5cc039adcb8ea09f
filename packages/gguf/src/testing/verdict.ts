// For tests of rules: which rule a file breaks, and where.

import { bufferSource } from "../byte-source.ts"
import { GgufError, type GgufLimits } from "../gguf-file.ts"
import { readHeader } from "../read-header.ts"
import { validateAdapter } from "../validate-adapter.ts"
import { validateModel } from "../validate-model.ts"
import { TINY_LIMITS } from "./limits.ts"
import { buildTinyModel, type TinyModelOptions } from "./tiny-model.ts"

export interface Verdict {
  /** "valid", or the name of the broken rule. */
  readonly rule: string
  readonly offset: number
  readonly message: string
}

/** Reads and validates as the gateway does. Anything but a GgufError passes through. */
export async function verdictOf(
  bytes: Uint8Array,
  {
    limits = TINY_LIMITS,
    adapter = false,
  }: { readonly limits?: GgufLimits; readonly adapter?: boolean } = {},
): Promise<Verdict> {
  try {
    const header = await readHeader(bufferSource(bytes), { limits })
    if (adapter) validateAdapter(header, { limits })
    else validateModel(header, { limits })
    return { rule: "valid", offset: 0, message: "" }
  } catch (error) {
    if (error instanceof GgufError) return { rule: error.rule, offset: error.offset, message: error.message }
    throw error
  }
}

/** The verdict on a tiny model with these options, and `expected`: the place of a key of it, 24 where it is missing. */
export async function verdictAt(
  options: TinyModelOptions,
  key: string,
): Promise<Verdict & { readonly expected: number }> {
  const bytes = buildTinyModel(options)
  const header = await readHeader(bufferSource(bytes), { limits: TINY_LIMITS })
  return { ...(await verdictOf(bytes)), expected: header.metadata.get(key)?.offset ?? 24 }
}
