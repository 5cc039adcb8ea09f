// The types of a GGUF file as this package hands them out. Read this first; reading is in `read-header.ts`,
// the rules of content in `validate-model.ts`.

export type GgufValueType =
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "float32"
  | "bool"
  | "string"
  | "array"
  | "uint64"
  | "int64"
  | "float64"

export type GgufScalar = number | bigint | boolean | string

export interface GgufArray {
  readonly itemType: Exclude<GgufValueType, "array">
  /** How many items; costs nothing, where `items` of a string array decodes all of them on the first access. */
  readonly count: number
  /** Numbers come as the matching typed array, strings as `string[]`, booleans as `boolean[]`. */
  readonly items: ArrayLike<GgufScalar>
  /** String arrays only: length of the longest item, bytes. */
  readonly longestBytes?: number
}

/** One metadata entry. 64-bit integers are `bigint`; `offset` is where its value begins in the file, bytes. */
export type GgufEntry =
  | { readonly type: Exclude<GgufValueType, "array">; readonly value: GgufScalar; readonly offset: number }
  | { readonly type: "array"; readonly value: GgufArray; readonly offset: number }

export interface TensorInfo {
  readonly name: string
  /** ggml order: row length first. */
  readonly dimensions: readonly number[]
  /** Name of the ggml type, upper case: `F32`, `Q4_0`, `Q4_K`, … */
  readonly type: string
  /** From the start of the data section, bytes. */
  readonly offset: number
  readonly sizeBytes: number
  /** Where this tensor is described in the header, bytes from the file's start. */
  readonly infoOffset: number
}

export interface GgufHeader {
  readonly version: number
  readonly metadata: ReadonlyMap<string, GgufEntry>
  readonly tensors: readonly TensorInfo[]
  readonly alignment: number
  /** Where the data section begins in the file, bytes. */
  readonly dataOffset: number
  readonly fileSizeBytes: number
}

/** Something that gives byte ranges: a file, an HTTP server with ranges, a buffer. */
export interface ByteSource {
  readonly sizeBytes: number
  /** Exactly `length` bytes from `offset`; rejects when the source ends before. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>
}

/** Named bounds of the reader and the validator. The values are in `protocol/limits.ts` (`GGUF_LIMITS`). */
export interface GgufLimits {
  readonly versions: readonly number[]
  readonly metadataCount: number
  readonly tensorCount: number
  readonly keyBytes: number
  readonly stringBytes: number
  readonly arrayItems: number
  readonly headerBytes: number
  readonly tensorNameBytes: number
  readonly dimensions: number
  readonly alignment: number
  readonly layers: number
  readonly heads: number
  readonly embeddingLength: number
  readonly feedForwardLength: number
  readonly experts: number
  readonly vocabularySize: number
  readonly contextLength: number
  readonly tokenBytes: number
  readonly mergeBytes: number
  readonly chatTemplateBytes: number
}

/** A rule of the format or of a model that a file breaks. */
export class GgufError extends Error {
  /** Kebab-case name of the rule, stable: `tensor-past-end`, `duplicate-tensor-name`, … */
  readonly rule: string
  /** Where in the file, bytes from its start. */
  readonly offset: number

  constructor(rule: string, offset: number, message: string) {
    super(message)
    this.name = "GgufError"
    this.rule = rule
    this.offset = offset
  }
}

declare const validated: unique symbol

/** A header that passed `validateModel`: only these may reach native code. */
export type ValidatedHeader = GgufHeader & { readonly [validated]: true }
