// The container of a computed prefix on disk. Everything before the state is checked when a folder is opened, the state when it is read:
// the library trusts the bytes that it is given, and ends the process over wrong ones.
//
//   magic 8 | version u32 | description bytes u32 | token count u32 | state bytes u64
//   description (JSON) | tokens (i32 each) | SHA-256 of all before | state
import { createHash } from "node:crypto"
import { KV_FILE_LIMITS, z } from "@fireside/protocol"
import type { Line } from "../sequence.ts"

const MAGIC = Buffer.from("FSKVLINE")
const VERSION = 1
const FIXED_BYTES = MAGIC.length + 3 * 4 + 8
const HASH_BYTES = 32

const Description = z.object({
  /** What must be equal for the state to be of use: see `CacheKey`. */
  key: z.string(),
  adapterKey: z.string(),
  owner: z.string().optional(),
  label: z.string().optional(),
  sharedTokens: z.int().min(0),
  exact: z.int().min(0),
  recomputeMs: z.number().min(0),
  stateSha256: z.string().length(64),
})

export interface ContainedLine extends Omit<Line, "onDisk"> {
  readonly key: string
  readonly recomputeMs: number
}

export interface ContainerHeader extends ContainedLine {
  readonly stateSha256: string
  readonly stateBytes: number
  /** Where the state begins; the file ends with it. */
  readonly stateOffset: number
}

/** The bytes of a file up to its state. */
export function encodeHeader(line: ContainedLine, state: Uint8Array): Uint8Array {
  const { key, adapterKey, owner, label, sharedTokens, exact, recomputeMs, tokens } = line
  const description = Buffer.from(
    JSON.stringify({
      key,
      adapterKey,
      owner,
      label,
      sharedTokens,
      exact,
      recomputeMs,
      stateSha256: sha256(state).toString("hex"),
    } satisfies z.input<typeof Description>),
  )
  const fixed = Buffer.alloc(FIXED_BYTES)
  MAGIC.copy(fixed)
  let at = fixed.writeUInt32LE(VERSION, MAGIC.length)
  at = fixed.writeUInt32LE(description.length, at)
  at = fixed.writeUInt32LE(tokens.length, at)
  fixed.writeBigUInt64LE(BigInt(state.byteLength), at)
  const body = Buffer.concat([fixed, description, Buffer.from(Int32Array.from(tokens).buffer)])
  return Buffer.concat([body, sha256(body)])
}

/** How many bytes `decodeHeader` wants to see, from the first bytes of a file. Null: it is no container of this version. */
export function headerBytes(start: Uint8Array): number | null {
  const view = Buffer.from(start.buffer, start.byteOffset, start.byteLength)
  if (view.length < FIXED_BYTES || !view.subarray(0, MAGIC.length).equals(MAGIC)) return null
  if (view.readUInt32LE(MAGIC.length) !== VERSION) return null
  const description = view.readUInt32LE(MAGIC.length + 4)
  const tokens = view.readUInt32LE(MAGIC.length + 8)
  if (description > KV_FILE_LIMITS.descriptionBytes || tokens > KV_FILE_LIMITS.tokens) return null
  return FIXED_BYTES + description + 4 * tokens + HASH_BYTES
}

/** Null: the bytes are not what was written. `fileBytes` is the size of the whole file. */
export function decodeHeader(header: Uint8Array, fileBytes: number): ContainerHeader | null {
  const size = headerBytes(header)
  if (size === null || header.byteLength < size) return null
  const view = Buffer.from(header.buffer, header.byteOffset, size)
  const body = view.subarray(0, size - HASH_BYTES)
  if (!sha256(body).equals(view.subarray(size - HASH_BYTES))) return null
  const descriptionBytes = view.readUInt32LE(MAGIC.length + 4)
  const stateBytes = Number(view.readBigUInt64LE(MAGIC.length + 12))
  if (size + stateBytes !== fileBytes) return null
  const description = Description.safeParse(
    parseJson(body.subarray(FIXED_BYTES, FIXED_BYTES + descriptionBytes).toString()),
  )
  if (!description.success) return null
  const { key, adapterKey, owner, label, sharedTokens, exact, recomputeMs, stateSha256 } = description.data
  const tokens: number[] = []
  for (let at = FIXED_BYTES + descriptionBytes; at < body.length; at += 4) tokens.push(body.readInt32LE(at))
  return {
    key,
    tokens,
    adapterKey,
    owner,
    label,
    sharedTokens: Math.min(sharedTokens, tokens.length),
    exact: Math.min(exact, tokens.length),
    recomputeMs,
    stateSha256,
    stateBytes,
    stateOffset: size,
  }
}

/** Are these the bytes whose hash the header has? */
export function isState(header: ContainerHeader, state: Uint8Array): boolean {
  return state.byteLength === header.stateBytes && sha256(state).toString("hex") === header.stateSha256
}

/** Bytes at the beginning of a file that `headerBytes` needs. */
export const START_BYTES: number = FIXED_BYTES

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
