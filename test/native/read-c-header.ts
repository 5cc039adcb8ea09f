// Reads struct layouts and function prototypes out of a C header: enough of C for llama.cpp's public headers.

export interface CField {
  readonly name: string
  readonly offset: number
  readonly sizeBytes: number
}

export interface CStruct {
  readonly fields: readonly CField[]
  readonly sizeBytes: number
}

const SIZES: Readonly<Record<string, number>> = {
  bool: 1,
  int8_t: 1,
  int: 4,
  float: 4,
  int32_t: 4,
  uint32_t: 4,
  llama_token: 4,
  int64_t: 8,
  size_t: 8,
}
const CONSTANTS: Readonly<Record<string, number>> = { GGML_MAX_N_THREADS: 512 }
/** Names of types that are pointers without a star. */
const POINTER = /callback$|_dev_t$|_buft_t$|^ggml_threadpool_t$/

/** Layout of `struct name` on a 64-bit machine. Throws when it is not there or not understood. */
export function readStruct(header: string, name: string): CStruct {
  const body = new RegExp(`struct ${name} \\{([\\s\\S]*?)\\n    \\}`).exec(header)?.[1]
  if (body === undefined) throw new Error(`the header has no struct ${name}`)
  const fields: CField[] = []
  let offset = 0
  let alignment = 1
  for (const declaration of withoutComments(body).split(";")) {
    const text = declaration.trim().replace(/\s+/g, " ")
    if (text === "") continue
    const { field, itemBytes, items } = readField(text)
    offset = Math.ceil(offset / itemBytes) * itemBytes
    fields.push({ name: field, offset, sizeBytes: itemBytes * items })
    offset += itemBytes * items
    alignment = Math.max(alignment, itemBytes)
  }
  return { fields, sizeBytes: Math.ceil(offset / alignment) * alignment }
}

function readField(text: string): { field: string; itemBytes: number; items: number } {
  const match = /^(?:const )?((?:enum |struct )?\w+) ?(\**) ?(?:const )?(\**) ?(\w+)(?:\[(\w+)\])?$/.exec(
    text,
  )
  const [, type = "", star = "", secondStar = "", field = "", length] = match ?? []
  if (match === null) throw new Error(`not understood: ${text}`)
  const isPointer = star !== "" || secondStar !== "" || POINTER.test(type)
  const itemBytes = isPointer ? 8 : type.startsWith("enum ") ? 4 : SIZES[type]
  if (itemBytes === undefined) throw new Error(`a type of unknown size: ${text}`)
  const items = length === undefined ? 1 : (CONSTANTS[length] ?? Number(length))
  return { field, itemBytes, items }
}

/** Number of arguments of a function; null: the header does not declare it. */
export function countArguments(header: string, name: string): number | null {
  const found = new RegExp(`\\b${name}\\s*\\(([^;]*?)\\)\\s*;`).exec(withoutComments(header))?.[1]?.trim()
  if (found === undefined) return null
  return found === "" || found === "void" ? 0 : found.split(",").length
}

/** What a function returns, in koffi's words: `void *` for every pointer but a text. */
export function returnType(header: string, name: string): string | null {
  const found = new RegExp(`(?:LLAMA_API|GGML_API|GGML_BACKEND_API)\\s+([\\w\\s*]*?)\\b${name}\\s*\\(`).exec(
    withoutComments(header),
  )?.[1]
  return found === undefined ? null : found.replace(/\s+/g, " ").replace(/\s*\*/g, " *").trim()
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "")
}
