// Looks at files before native code does: only what has passed our own validator reaches a child.
import {
  GgufError,
  type GgufHeader,
  openFileSource,
  readHeader,
  type ValidatedHeader,
  validateAdapter,
  validateModel,
} from "@fireside/gguf"
import { AppError, GGUF_LIMITS } from "@fireside/protocol"
import type { ModelFile } from "../engine.ts"

/** Throws `bad-model-file` with the rule and the offset. */
export async function checkModel(file: ModelFile, signal: AbortSignal): Promise<ValidatedHeader> {
  if (file.header !== undefined) return file.header
  return await checked(file.path, signal, (header) => validateModel(header, { limits: GGUF_LIMITS }))
}

/** Throws `bad-model-file`. */
export async function checkAdapter(path: string, signal: AbortSignal): Promise<void> {
  await checked(path, signal, (header) => validateAdapter(header, { limits: GGUF_LIMITS }))
}

async function checked<T>(
  path: string,
  signal: AbortSignal,
  validate: (header: GgufHeader) => T,
): Promise<T> {
  try {
    await using source = await openFileSource(path)
    return validate(await readHeader(source, { limits: GGUF_LIMITS }, signal))
  } catch (cause) {
    if (signal.aborted) throw new AppError("interrupted", { message: "The work was stopped.", cause })
    if (cause instanceof GgufError)
      throw new AppError("bad-model-file", {
        message: `${path} breaks the rule ${cause.rule} at byte ${cause.offset}: ${cause.message}`,
        hint: "Get the file again, or run `fireside verify`.",
        details: { rule: cause.rule, offset: cause.offset },
        cause,
      })
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined
    if (code === "ENOENT" || code === "EACCES" || code === "EPERM")
      throw new AppError("bad-model-file", {
        message: `${path} ${code === "ENOENT" ? "does not exist" : "may not be read"}.`,
        hint: "Check the path and its rights.",
        details: { rule: "readable", offset: 0 },
        cause,
      })
    throw cause
  }
}

const ORDINARY_TYPES: ReadonlySet<number> = new Set([1, 6]) // normal, byte

/**
 * Ids of tokens that may be control tokens: those that the file says are not ordinary, and those that look like one,
 * because llama.cpp makes control tokens of some that a file calls ordinary.
 */
export function controlCandidates(header: GgufHeader): readonly number[] {
  const tokens = header.metadata.get("tokenizer.ggml.tokens")
  const types = header.metadata.get("tokenizer.ggml.token_type")
  if (tokens?.type !== "array") return []
  const ids: number[] = []
  for (let id = 0; id < tokens.value.items.length; id++) {
    const type = types?.type === "array" ? Number(types.value.items[id] ?? 1) : 1
    const text = String(tokens.value.items[id])
    const looksLikeOne = text.length > 2 && (text.startsWith("<") || text.startsWith("["))
    if (!ORDINARY_TYPES.has(type) || looksLikeOne) ids.push(id)
  }
  return ids
}
