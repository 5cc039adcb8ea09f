// A context that starts with one sequence and gets more when there is work for them: what one person needs costs one person's memory.

import type { NativeContext } from "./context.ts"
import { fromPortableState, toPortableState } from "./portable-state.ts"

export interface GrowingContextOptions {
  /** Makes a context of so many sequences with cells of their own; throws where there is no memory for it. */
  readonly create: (sequences: number) => NativeContext
  readonly first: number
  readonly most: number
}

/**
 * All contexts that follow each other look like one: what the sequences hold moves over, bit for bit. The states that it gives and takes do
 * not depend on how many sequences there are. Only for models whose states can be told apart so, see `toPortableState`.
 */
export function createGrowingContext({ create, first, most }: GrowingContextOptions): NativeContext {
  let inner = create(first)
  let listener: () => boolean = () => false
  let threads: number | null = null
  let isFull = first >= most

  const replace = (sequences: number) => {
    const states = Array.from({ length: inner.sequences }, (_, id) => context.saveState(id))
    const before = inner.sequences
    // First the old one goes, or both need memory at once.
    inner[Symbol.dispose]()
    try {
      inner = create(sequences)
    } catch {
      isFull = true
      inner = create(before)
    }
    inner.setAbort(listener)
    if (threads !== null) inner.setThreads(threads)
    for (const [id, state] of states.entries())
      if (state !== null && !context.restoreState(id, state))
        throw new Error(`sequence ${id} was lost when the context grew`)
  }

  const context: NativeContext = {
    get pointer() {
      return inner.pointer
    },
    get rowCapacity() {
      return inner.rowCapacity
    },
    get sequences() {
      return inner.sequences
    },
    get rows() {
      return inner.rows
    },
    grow: (sequences) => {
      const wanted = Math.min(most, 2 ** Math.ceil(Math.log2(sequences)))
      if (!isFull && wanted > inner.sequences) replace(wanted)
      if (inner.sequences >= most) isFull = true
    },
    saveState: (sequence) => {
      const state = inner.saveState(sequence)
      if (state === null) return null
      const portable = toPortableState(state, inner.sequences)
      if (portable === null) throw new Error("the library gave a state of another form")
      return portable
    },
    restoreState: (sequence, state) =>
      inner.restoreState(sequence, fromPortableState(state, inner.sequences)),
    share: null,
    setThreads: (count) => {
      threads = count
      inner.setThreads(count)
    },
    setAbort: (asked) => {
      listener = asked
      inner.setAbort(asked)
    },
    clear: () => inner.clear(),
    addRow: (token, position, sequence, wantsOutput) => inner.addRow(token, position, sequence, wantsOutput),
    decode: () => inner.decode(),
    logits: (row) => inner.logits(row),
    embedding: (sequence) => inner.embedding(sequence),
    cut: (sequence, from) => inner.cut(sequence, from),
    firstPosition: (sequence) => inner.firstPosition(sequence),
    clearMemory: () => inner.clearMemory(),
    setAdapters: (set) => inner.setAdapters(set),
    watchAbort: (on) => inner.watchAbort(on),
    synchronize: () => inner.synchronize(),
    [Symbol.dispose]: () => inner[Symbol.dispose](),
  }
  return context
}
