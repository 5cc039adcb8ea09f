// Short ways to write metadata entries in tests.

import type { WritableEntry } from "../encode-header.ts"
import type { GgufArray, GgufScalar } from "../gguf-file.ts"

export const count = (value: number): WritableEntry => ({ type: "uint32", value })
export const float = (value: number): WritableEntry => ({ type: "float32", value })
export const text = (value: string): WritableEntry => ({ type: "string", value })
export const flag = (value: boolean): WritableEntry => ({ type: "bool", value })

export function list(itemType: GgufArray["itemType"], items: readonly GgufScalar[]): WritableEntry {
  return { type: "array", value: { itemType, items } }
}

export const texts = (items: readonly string[]): WritableEntry => list("string", items)
