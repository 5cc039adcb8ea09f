// Damages a valid GGUF file in ways that files are damaged and attacked: flipped bits, changed numbers at the places
// where native code trusts them, lengths that lie, wrong types, pieces cut off. Seeded, so every mutant can be made
// again from its number.

import type { GgufEntry, GgufHeader } from "../gguf-file.ts"
import { type Random, randomInteger, seededRandom } from "./random.ts"

export interface Mutant {
  readonly seed: number
  /** What was changed, for the report. */
  readonly changes: readonly string[]
  readonly bytes: Uint8Array
}

/** A number in the file that a mutator can change. */
interface Field {
  readonly name: string
  readonly offset: number
  readonly size: 1 | 2 | 4 | 8
  readonly float: boolean
}

/** Makes mutants of one file; `header` is what `readHeader` says of it. */
export function mutator(valid: Uint8Array, header: GgufHeader): (seed: number) => Mutant {
  const fields = fieldsOf(valid, header)
  const headerEnd = header.dataOffset
  return (seed) => {
    const random = seededRandom(seed, "mutant")
    const changes: string[] = []
    let bytes: Uint8Array = valid.slice()
    // Mostly one change: several at once tend to be refused for the crudest of them.
    const count = random() < 0.75 ? 1 : 1 + randomInteger(random, 3)
    for (let index = 0; index < count; index++) {
      const change = pick(CHANGES, random)
      const result = change({ bytes, fields, headerEnd, random })
      bytes = result.bytes
      changes.push(result.what)
    }
    return { seed, changes, bytes }
  }
}

interface Situation {
  readonly bytes: Uint8Array
  readonly fields: readonly Field[]
  readonly headerEnd: number
  readonly random: Random
}
type Change = (situation: Situation) => { readonly bytes: Uint8Array; readonly what: string }

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[randomInteger(random, items.length)]
  if (item === undefined) throw new RangeError("nothing to pick from")
  return item
}

const changeField: Change = ({ bytes, fields, random }) => {
  // Each name is as likely as any other, so that long tables do not crowd out the single numbers.
  const name = pick([...new Set(fields.map((field) => field.name))], random)
  const field = pick(
    fields.filter((each) => each.name === name),
    random,
  )
  if (field.offset + field.size > bytes.length) return { bytes, what: `${name}: already cut off` }
  const view = new DataView(bytes.buffer)
  const written = field.float ? writeFloat(view, field, random) : writeInteger(view, field, random)
  return { bytes, what: `${name} at ${field.offset} := ${written}` }
}

function writeFloat(view: DataView, { offset, size }: Field, random: Random): string {
  const value = pick([Number.NaN, Infinity, -Infinity, 0, -0, -1, 1e-40, 1e30, -1e30, random()], random)
  if (size === 8) view.setFloat64(offset, value, true)
  else view.setFloat32(offset, value, true)
  return String(value)
}

const INTERESTING = [
  ...[
    0n,
    1n,
    2n,
    3n,
    5n,
    7n,
    8n,
    13n,
    31n,
    33n,
    63n,
    65n,
    127n,
    255n,
    256n,
    511n,
    512n,
    513n,
    600n,
    1024n,
    65_535n,
  ],
  ...[100_000n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 50n, 2n ** 60n + 1n, 2n ** 62n],
  ...[2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n],
]

function writeInteger(view: DataView, { offset, size }: Field, random: Random): string {
  const old = readInteger(view, offset, size)
  const near = [old + 1n, old - 1n, old * 2n, old / 2n, old + 32n, old - 32n, old + 256n, -old]
  const wild = BigInt(Math.floor(random() * 2 ** 32))
  const value = BigInt.asUintN(size * 8, pick([...INTERESTING, ...near, ...near, wild], random))
  for (let index = 0; index < size; index++)
    view.setUint8(offset + index, Number((value >> BigInt(index * 8)) & 255n))
  return String(value)
}

function readInteger(view: DataView, offset: number, size: number): bigint {
  let value = 0n
  for (let index = size - 1; index >= 0; index--)
    value = (value << 8n) | BigInt(view.getUint8(offset + index))
  return value
}

const flipBits: Change = ({ bytes, headerEnd, random }) => {
  const end = random() < 0.9 ? Math.min(headerEnd, bytes.length) : bytes.length
  if (end === 0) return { bytes, what: "already empty" }
  const offset = randomInteger(random, end)
  bytes[offset] = (bytes[offset] ?? 0) ^ (1 << randomInteger(random, 8))
  return { bytes, what: `bit flipped at ${offset}` }
}

const randomBytes: Change = ({ bytes, headerEnd, random }) => {
  const length = 1 + randomInteger(random, 16)
  const offset = randomInteger(random, Math.max(1, Math.min(headerEnd, bytes.length) - length))
  for (let index = 0; index < length && offset + index < bytes.length; index++) {
    bytes[offset + index] = randomInteger(random, 256)
  }
  return { bytes, what: `${length} random bytes at ${offset}` }
}

const truncate: Change = ({ bytes, headerEnd, random }) => {
  const length = randomInteger(
    random,
    random() < 0.5 ? Math.min(headerEnd, bytes.length) + 1 : bytes.length + 1,
  )
  return { bytes: bytes.slice(0, length), what: `cut to ${length} bytes` }
}

const removeOrRepeat: Change = ({ bytes, headerEnd, random }) => {
  const offset = randomInteger(random, Math.min(headerEnd, bytes.length) + 1)
  const length = Math.min(1 + randomInteger(random, 64), bytes.length - offset)
  const remove = random() < 0.5
  const parts = [
    bytes.subarray(0, remove ? offset : offset + length),
    bytes.subarray(remove ? offset + length : offset),
  ]
  const changed = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  changed.set(parts[0] ?? [])
  changed.set(parts[1] ?? [], parts[0]?.length)
  return { bytes: changed, what: `${length} bytes at ${offset} ${remove ? "removed" : "repeated"}` }
}

/** Changed numbers find the most, so they come most. */
const CHANGES: readonly Change[] = [
  ...[changeField, changeField, changeField, changeField, changeField, changeField],
  ...[flipBits, flipBits, randomBytes, truncate, removeOrRepeat],
]

const WIDTHS = { uint8: 1, int8: 1, uint16: 2, int16: 2, uint32: 4, int32: 4, float32: 4, bool: 1 } as const
const WIDE = { uint64: 8, int64: 8, float64: 8 } as const

function fieldsOf(bytes: Uint8Array, header: GgufHeader): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const integer = (name: string, offset: number, size: Field["size"]): Field => ({
    name,
    offset,
    size,
    float: false,
  })
  const fields = [integer("version", 4, 4), integer("tensor count", 8, 8), integer("metadata count", 16, 8)]
  for (const [key, entry] of header.metadata) fields.push(...entryFields(view, key, entry))
  for (const { infoOffset, dimensions } of header.tensors) {
    const nameLength = view.getUint32(infoOffset, true)
    let at = infoOffset + 8 + nameLength
    fields.push(integer("tensor name length", infoOffset, 8), integer("dimension count", at, 4))
    at += 4
    for (const _ of dimensions) {
      fields.push(integer("dimension", at, 8))
      at += 8
    }
    fields.push(integer("tensor type", at, 4), integer("tensor offset", at + 4, 8))
  }
  return fields
}

function entryFields(view: DataView, key: string, entry: GgufEntry): Field[] {
  const { offset } = entry
  if (entry.type === "string") {
    return [
      { name: `${key} (type)`, offset: offset - 4, size: 4, float: false },
      { name: `${key} (length)`, offset, size: 8, float: false },
    ]
  }
  if (entry.type !== "array") {
    const size = { ...WIDTHS, ...WIDE }[entry.type]
    return [
      { name: key, offset, size, float: entry.type.startsWith("float") },
      { name: `${key} (type)`, offset: offset - 4, size: 4, float: false },
    ]
  }
  const { itemType, count } = entry.value
  const fields: Field[] = [
    { name: `${key} (type)`, offset: offset - 16, size: 4, float: false },
    { name: `${key} (item type)`, offset: offset - 12, size: 4, float: false },
    { name: `${key} (count)`, offset: offset - 8, size: 8, float: false },
  ]
  let at = offset
  for (let index = 0; index < count; index++) {
    if (itemType === "string") {
      const length = view.getUint32(at, true)
      fields.push({ name: `${key} (item length)`, offset: at, size: 8, float: false })
      if (length > 0) {
        const place = at + 8 + (index % length)
        fields.push({ name: `${key} (item byte)`, offset: place, size: 1, float: false })
      }
      at += 8 + length
    } else {
      const size = { ...WIDTHS, ...WIDE }[itemType]
      fields.push({ name: `${key} (item)`, offset: at, size, float: itemType.startsWith("float") })
      at += size
    }
  }
  return fields
}
