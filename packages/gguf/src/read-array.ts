// Numbers and truth values of GGUF metadata, single or in arrays. Strings are in `read-strings.ts`.

import { type GgufArray, GgufError } from "./gguf-file.ts"
import { type HeaderWindow, hold, need, position, type Steps } from "./header-window.ts"

type NumberType = Exclude<GgufArray["itemType"], "string" | "bool">

const NUMBER_ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  float64: Float64Array,
} as const satisfies Record<NumberType, unknown>

/** What one `true` or `false` takes in a JavaScript array. */
const REFERENCE_BYTES = 8

/** The items of an array whose type and count were already read and whose count is within the limit. */
export function* readItems(
  window: HeaderWindow,
  itemType: NumberType | "bool",
  count: number,
  what: string,
): Steps<ArrayLike<number | bigint | boolean>> {
  if (itemType === "bool") return yield* readBooleans(window, count, what)
  const Items = NUMBER_ARRAYS[itemType]
  const length = count * Items.BYTES_PER_ELEMENT
  yield* need(window, length, what)
  hold(window, length, what)
  // The copy is aligned, and little-endian like every platform that llama.cpp's libraries are built for.
  const copy = window.bytes.slice(window.at, window.at + length)
  window.at += length
  return new Items(copy.buffer)
}

function* readBooleans(window: HeaderWindow, count: number, what: string): Steps<boolean[]> {
  yield* need(window, count, what)
  hold(window, count * REFERENCE_BYTES, what)
  const items: boolean[] = []
  for (let index = 0; index < count; index++) {
    const byte = window.bytes[window.at + index] ?? 0
    if (byte > 1) {
      throw new GgufError(
        "bool-value",
        position(window) + index,
        `${what}: a truth value is ${byte}, not 0 or 1`,
      )
    }
    items.push(byte === 1)
  }
  window.at += count
  return items
}
