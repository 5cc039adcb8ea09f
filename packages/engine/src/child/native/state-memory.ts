// Memory of states that nobody reads any more, for the next ones. Memory that is new to the process costs a page fault every 4 KB: for 16 MB
// 10 ms, and 50 on a virtual machine whose host must find it first, where the library writes such a state in 2.
import { allocate, createState, memoryOf, ROOM_AFTER } from "./portable-state.ts"

/** Bytes that wait for a state at most. Moving larger states takes little of what their chats take anyway. */
const KEPT_BYTES = 64 * 2 ** 20
/**
 * What a state gets, of what it needs: a chat has grown when it is saved the next time, and what was never written takes no memory. A state is
 * counted by its own size, so it gets no more.
 */
const MOST_ROOM = 1.5

export interface StateMemory {
  /** For a state as the library writes it, whatever was in the memory. */
  take(bytes: number): Uint8Array
  /** Of a state that came from here or from a file; others are left alone. Nobody may use it afterwards. */
  give(state: Uint8Array): void
}

export function createStateMemory(): StateMemory {
  /** The one given last at the end. */
  const free: ArrayBuffer[] = []
  return {
    take(bytes) {
      const needed = bytes + ROOM_AFTER
      const most = Math.ceil(needed * MOST_ROOM)
      const [smallest] = free
        .filter(({ byteLength }) => byteLength >= needed && byteLength <= most)
        .sort((a, b) => a.byteLength - b.byteLength)
      if (smallest === undefined) return createState(bytes, allocate(most))
      free.splice(free.indexOf(smallest), 1)
      return createState(bytes, smallest)
    },
    give(state) {
      const buffer = memoryOf(state)
      if (!(buffer instanceof ArrayBuffer)) return
      free.push(buffer)
      // At once: until V8 looks for garbage, which small objects hardly make it do, a long chat would be held twice.
      while (free.reduce((sum, { byteLength }) => sum + byteLength, 0) > KEPT_BYTES) free.shift()?.transfer(0)
    },
  }
}
