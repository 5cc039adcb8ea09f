// The state of a sequence in a form that does not depend on how many streams its context had. The library saves a sequence with cells of its
// own as `magic u32 | sequence i32 | streams u32`, then for each stream a count of cells and, where it is not 0, the cells; only one stream has any.
// Source: `llama_context::state_seq_get_data` and `llama_kv_cache::state_write` of llama.cpp v0.5.0.

const MAGIC = 0xaf143cd8
const STREAMS_AT = 8
const FIRST_COUNT_AT = 12

/** Room after the cells, for the counts of streams that have none. */
const ROOM_AFTER = 4 * 15

/** Those of `createPortableState`. */
const roomy = new WeakSet<Uint8Array>()

/** Zeros for cells, with room around them for what `fromPortableState` adds, so that a state of many megabytes is not copied for it. */
export function createPortableState(bytes: number): Uint8Array {
  const { buffer } = new Uint8Array(FIRST_COUNT_AT + bytes + ROOM_AFTER)
  const portable = new Uint8Array(buffer, FIRST_COUNT_AT, bytes)
  roomy.add(portable)
  return portable
}

/** Cells of the one stream that has any, with their count before them. Null: the bytes are not of this form. */
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
  return end > from + 4 && view.getUint32(from, true) > 0 ? state.subarray(from, end) : null
}

/** What `llama_state_seq_set_data_ext` of a context with so many streams takes; it puts the cells where they are wanted. */
export function fromPortableState(portable: Uint8Array, streams: number): Uint8Array {
  const bytes = portable.byteLength
  const after = 4 * (streams - 1)
  const isRoomy = roomy.has(portable) && after <= ROOM_AFTER
  const state = isRoomy
    ? new Uint8Array(portable.buffer, 0, FIRST_COUNT_AT + bytes + after)
    : new Uint8Array(FIRST_COUNT_AT + bytes + after)
  if (!isRoomy) state.set(portable, FIRST_COUNT_AT)
  const view = new DataView(state.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(STREAMS_AT, streams, true)
  return state
}
