// Typed access to the metadata of a header. llama.cpp reads each key as exactly one type (a 64-bit count in place of a
// 32-bit one is refused, and in some places aborts the process), so a wrong type is an error here, not a conversion.

import { type GgufArray, type GgufEntry, GgufError, type GgufHeader, type GgufScalar } from "./gguf-file.ts"

/** Where the metadata begins in every file: the offset of errors about keys that are missing. */
const METADATA_OFFSET = 24

type Metadata = GgufHeader["metadata"]

export function offsetOf(metadata: Metadata, key: string): number {
  return metadata.get(key)?.offset ?? METADATA_OFFSET
}

/** The error for this key: `rule`, at the place of the key's value. */
export function keyError(metadata: Metadata, key: string, rule: string, message: string): GgufError {
  return new GgufError(rule, offsetOf(metadata, key), message)
}

export function missingKey(key: string): GgufError {
  return new GgufError("missing-key", METADATA_OFFSET, `the file lacks the key ${key}`)
}

function scalar(metadata: Metadata, key: string, type: GgufEntry["type"]): GgufScalar | undefined {
  const entry = metadata.get(key)
  if (entry === undefined) return undefined
  if (entry.type !== type || entry.type === "array") {
    throw keyError(metadata, key, "key-type", `${key} is of type ${describeType(entry)}, not ${type}`)
  }
  return entry.value
}

function describeType(entry: GgufEntry): string {
  return entry.type === "array" ? `array of ${entry.value.itemType}` : entry.type
}

export function optionalUint32(metadata: Metadata, key: string): number | undefined {
  const value = scalar(metadata, key, "uint32")
  return typeof value === "number" ? value : undefined
}

export function requireUint32(metadata: Metadata, key: string): number {
  const value = optionalUint32(metadata, key)
  if (value === undefined) throw missingKey(key)
  return value
}

export function optionalString(metadata: Metadata, key: string): string | undefined {
  const value = scalar(metadata, key, "string")
  return typeof value === "string" ? value : undefined
}

export function requireString(metadata: Metadata, key: string): string {
  const value = optionalString(metadata, key)
  if (value === undefined) throw missingKey(key)
  return value
}

export function optionalBool(metadata: Metadata, key: string): boolean | undefined {
  const value = scalar(metadata, key, "bool")
  return typeof value === "boolean" ? value : undefined
}

/** A 32-bit float within bounds, both allowed; NaN never is. */
export function optionalFloat(
  metadata: Metadata,
  key: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const value = scalar(metadata, key, "float32")
  if (typeof value !== "number") return undefined
  if (!(value >= least && value <= most)) {
    throw keyError(metadata, key, "float-range", `${key} is ${value}; ${least} to ${most} are possible`)
  }
  return value
}

/** An array of the one item type that the reader of this key understands. */
export function optionalArray(
  metadata: Metadata,
  key: string,
  itemTypes: readonly GgufArray["itemType"][],
  rule = "key-type",
): GgufArray | undefined {
  const entry = metadata.get(key)
  if (entry === undefined) return undefined
  if (entry.type !== "array" || !itemTypes.includes(entry.value.itemType)) {
    throw keyError(
      metadata,
      key,
      rule,
      `${key} is ${describeType(entry)}, not an array of ${itemTypes.join(" or ")}`,
    )
  }
  return entry.value
}

/** A count within bounds, both allowed, else the error `rule`. */
export function inRange(
  metadata: Metadata,
  key: string,
  value: number,
  { least, most, rule }: { readonly least: number; readonly most: number; readonly rule: string },
): number {
  if (value < least || value > most) {
    throw keyError(metadata, key, rule, `${key} is ${value}; ${least} to ${most} are possible`)
  }
  return value
}
