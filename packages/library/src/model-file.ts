// What a GGUF file says of itself, after it was found valid: the one place where the library lets `gguf` look at a file.
import {
  type GgufEntry,
  GgufError,
  type GgufHeader,
  openFileSource,
  readHeader,
  type ValidatedHeader,
  validateAdapter,
  validateModel,
} from "@fireside/gguf"
import { systemCode } from "@fireside/host"
import { AppError, GGUF_LIMITS } from "@fireside/protocol"
import { FILE_TYPES } from "./file-types.ts"

/** What `list` says of a model; kept in the manifest so that listing opens no file. */
export interface ModelFacts {
  readonly architecture: string
  /** Number of weights. */
  readonly parameters: number
  readonly quantization: string
  readonly contextLength: number
  /** Empty when the file does not say. */
  readonly licence: string
}

export interface ReadModelOptions {
  /** `any`: a model or an adapter, as the file itself says. */
  readonly role: "weights" | "adapter" | "any"
  /** As the user knows the file, for messages. Defaults to the path. */
  readonly name?: string
  /** Files of other programs' stores may be links. Defaults to false. */
  readonly followLinks?: boolean
}

/** Reads and validates. Throws `bad-model-file` with `details {rule, offset}`, `not-found`, `corrupt-data`. */
export async function readModelFile(
  path: string,
  options: ReadModelOptions,
  signal?: AbortSignal,
): Promise<ValidatedHeader> {
  try {
    await using source = await openFileSource(path, { followLinks: options.followLinks ?? false })
    const header = await readHeader(source, { limits: GGUF_LIMITS }, signal)
    const role = options.role === "any" ? roleOf(header) : options.role
    return role === "adapter"
      ? validateAdapter(header, { limits: GGUF_LIMITS })
      : validateModel(header, { limits: GGUF_LIMITS })
  } catch (error) {
    throw explain(error, path, options.name ?? path)
  }
}

/** What a file says that it is. */
export function roleOf(header: GgufHeader): "weights" | "adapter" {
  return textOf(header.metadata.get("general.type")) === "adapter" ? "adapter" : "weights"
}

function explain(error: unknown, path: string, name: string): unknown {
  if (error instanceof GgufError)
    return new AppError("bad-model-file", {
      message: `${name} is not a model that can be loaded: ${error.message} (rule ${error.rule}, at byte ${error.offset}).`,
      hint: "Get it from another source, or another quantisation of it.",
      details: { rule: error.rule, offset: error.offset, path },
      cause: error,
    })
  if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR")
    return new AppError("not-found", {
      message: `There is no file ${path}.`,
      details: { path },
      cause: error,
    })
  if (systemCode(error) === "EACCES" || systemCode(error) === "EPERM" || systemCode(error) === "ENAMETOOLONG")
    return new AppError("not-found", {
      message: `${path} cannot be read (${systemCode(error)}).`,
      hint: "Check the path and the rights of the file.",
      details: { path },
      cause: error,
    })
  return error
}

/** Facts of a model; of a split one with the headers of all its parts. */
export function factsOf(headers: readonly [GgufHeader, ...GgufHeader[]]): ModelFacts {
  const [first] = headers
  const architecture = textOf(first.metadata.get("general.architecture")) ?? ""
  const tensors = headers.flatMap((header) => header.tensors)
  const parameters = tensors.reduce(
    (sum, tensor) => sum + tensor.dimensions.reduce((product, size) => product * size, 1),
    0,
  )
  return {
    architecture,
    parameters,
    quantization: quantizationOf(headers),
    contextLength: Number(scalarOf(first.metadata.get(`${architecture}.context_length`)) ?? 0),
    licence: textOf(first.metadata.get("general.license")) ?? "",
  }
}

/** The file's own claim; without one the type that most bytes have. */
function quantizationOf(headers: readonly [GgufHeader, ...GgufHeader[]]): string {
  const claim = scalarOf(headers[0].metadata.get("general.file_type"))
  const named = claim === undefined ? undefined : FILE_TYPES[Number(claim)]
  if (named !== undefined) return named
  const bytes = new Map<string, number>()
  for (const tensor of headers.flatMap((header) => header.tensors))
    bytes.set(tensor.type, (bytes.get(tensor.type) ?? 0) + tensor.sizeBytes)
  return [...bytes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? ""
}

/** As people write it: 135M, 1.2B, 7B. */
export function writeParameters(count: number): string {
  if (count <= 0) return ""
  if (count < 999_500) return `${Math.round(count / 1e3)}K`
  if (count < 999_500_000) return `${Math.round(count / 1e6)}M`
  return `${(count / 1e9).toFixed(1).replace(/\.0$/, "")}B`
}

function textOf(entry: GgufEntry | undefined): string | undefined {
  return entry?.type === "string" ? String(entry.value) : undefined
}

function scalarOf(entry: GgufEntry | undefined): number | bigint | undefined {
  if (entry === undefined || entry.type === "array") return undefined
  return typeof entry.value === "number" || typeof entry.value === "bigint" ? entry.value : undefined
}
