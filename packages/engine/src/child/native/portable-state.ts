// The state of a sequence in a form that does not depend on how many streams its context had. The library saves a sequence with cells of its
// own as `magic u32 | sequence i32 | streams u32`, then for each stream a count of cells and, where it is not 0, the cells; only one stream has any.
// Source: `llama_context::state_seq_get_data` and `llama_kv_cache::state_write` of llama.cpp v0.5.0.

const MAGIC = 0xaf143cd8
const STREAMS_AT = 8
const FIRST_COUNT_AT = 12

/** Room after the cells, for the counts of streams that have none. */
export const ROOM_AFTER = 4 * 15

/**
 * States with room around them for what `fromPortableState` adds, which nobody else uses: where there is none, many megabytes are copied into
 * memory that is new to the process, which takes five times as long as what the library does with them.
 */
const roomy = new WeakSet<Uint8Array>()

/** For cells, whatever was in the memory. */
export function createPortableState(bytes: number): Uint8Array {
  const state = createState(FIRST_COUNT_AT + bytes)
  return withRoomOf(state, state.subarray(FIRST_COUNT_AT))
}

/** For a state as the library writes it, whatever was in the memory: `buffer` has `ROOM_AFTER` bytes more, and is nobody else's. */
export function createState(bytes: number, buffer = allocate(bytes + ROOM_AFTER)): Uint8Array {
  const state = new Uint8Array(buffer, 0, bytes)
  roomy.add(state)
  return state
}

/** Memory with whatever was in it. */
export const allocate = (bytes: number): ArrayBuffer => Buffer.allocUnsafeSlow(bytes).buffer

/** What a state with room lies in; it has no room any more. Null: it had none. */
export const memoryOf = (state: Uint8Array): ArrayBufferLike | null =>
  roomy.delete(state) ? state.buffer : null

/**
 * Cells of the one stream that has any, with their count before them, where they are: `state` is not to be used any more. Null: the bytes are
 * not of this form.
 */
export function toPortableState(state: Uint8Array, streams: number): Uint8Array | null {
  if (state.byteLength < FIRST_COUNT_AT + 4) return null
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength)
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(STREAMS_AT, true) !== streams) return null
  let from = FIRST_COUNT_AT
  let after = streams - 1
  while (after > 0 && from + 4 <= state.byteLength && view.getUint32(from, true) === 0) {
    from += 4
    after -= 1
  }
  const end = state.byteLength - 4 * after
  if (end <= from + 4 || view.getUint32(from, true) === 0) return null
  return withRoomOf(state, state.subarray(from, end))
}

/** The room goes over to the part: it is nobody else's. */
function withRoomOf(state: Uint8Array, part: Uint8Array): Uint8Array {
  if (roomy.delete(state)) roomy.add(part)
  return part
}

/** Cells that the portable form of a state fills. */
export function cellsIn(portable: Uint8Array): number {
  return new DataView(portable.buffer, portable.byteOffset).getUint32(0, true)
}

/** What `llama_state_seq_set_data_ext` of a context with so many streams takes; it puts the cells where they are wanted. */
export function fromPortableState(portable: Uint8Array, streams: number): Uint8Array {
  const bytes = portable.byteLength
  const after = 4 * (streams - 1)
  const isRoomy = roomy.has(portable) && after <= ROOM_AFTER
  const state = isRoomy
    ? new Uint8Array(portable.buffer, portable.byteOffset - FIRST_COUNT_AT, FIRST_COUNT_AT + bytes + after)
    : new Uint8Array(FIRST_COUNT_AT + bytes + after)
  if (!isRoomy) state.set(portable, FIRST_COUNT_AT)
  state.fill(0, 0, FIRST_COUNT_AT).fill(0, FIRST_COUNT_AT + bytes)
  const view = new DataView(state.buffer, state.byteOffset)
  view.setUint32(0, MAGIC, true)
  view.setUint32(STREAMS_AT, streams, true)
  return state
}
