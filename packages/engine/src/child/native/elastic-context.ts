// A context that starts with one sequence and takes another shape when there is work for it: what one person needs costs one person's
// memory, and a crowd with one long beginning holds it once.
import type { ContextShape, NativeContext } from "./context.ts"
import { fromPortableState, toPortableState } from "./portable-state.ts"

export interface ElasticContextOptions {
  /** Throws where there is no memory for it. */
  readonly create: (shape: ContextShape) => NativeContext
  readonly first: ContextShape
  /** Sequences. */
  readonly most: number
}

/**
 * All contexts that follow each other look like one: what the sequences hold moves over, bit for bit. The states that it gives and takes do
 * not depend on its shape. Only for models whose states can be told apart so, see `toPortableState`.
 */
export function createElasticContext({ create, first, most }: ElasticContextOptions): NativeContext {
  let inner = create(first)
  let mostSequences = most
  let listener: () => boolean = () => false
  let threads: number | null = null

  const shapeOf = ({ sequences, share }: NativeContext): ContextShape => ({
    sequences,
    sharesCells: share !== null,
  })
  /** Streams that a state names. */
  const streams = () => (inner.share === null ? inner.sequences : 1)
  const replace = (shape: ContextShape) => {
    const before = shapeOf(inner)
    const states = Array.from({ length: before.sequences }, (_, id) => context.saveState(id))
    // First the old one goes, or both need memory at once.
    inner[Symbol.dispose]()
    try {
      inner = create(shape)
    } catch {
      mostSequences = before.sequences
      inner = create(before)
    }
    inner.setAbort(listener)
    if (threads !== null) inner.setThreads(threads)
    for (const [id, state] of states.entries()) {
      if (state === null) continue
      if (!context.restoreState(id, state))
        throw new Error(`sequence ${id} was lost when the context took another shape`)
      context.releaseState(state)
    }
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
    get mostSequences() {
      return mostSequences
    },
    reshape: (wanted) => {
      const { sequences, sharesCells } = shapeOf(inner)
      const many = Math.min(mostSequences, 2 ** Math.ceil(Math.log2(wanted.sequences)))
      const shape = { sequences: Math.max(many, sequences), sharesCells: wanted.sharesCells }
      if (shape.sequences !== sequences || shape.sharesCells !== sharesCells) replace(shape)
    },
    saveState: (sequence) => {
      const state = inner.saveState(sequence)
      if (state === null) return null
      const portable = toPortableState(state, streams())
      if (portable === null) throw new Error("the library gave a state of another form")
      return portable
    },
    restoreState: (sequence, state) => inner.restoreState(sequence, fromPortableState(state, streams())),
    releaseState: (state) => inner.releaseState(state),
    get share() {
      return inner.share
    },
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
