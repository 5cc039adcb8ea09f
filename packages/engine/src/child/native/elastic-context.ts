// A context that starts with one sequence of few tokens and takes another shape when there is work for it: what one person needs costs one
// person's memory, a short chat that of a short chat, and a crowd with one long beginning holds it once.
import type { ContextShape, NativeContext } from "./context.ts"
import { cellsIn, fromPortableState, toPortableState } from "./portable-state.ts"

export interface ElasticContextOptions {
  /** Throws where there is no memory for it. */
  readonly create: (shape: ContextShape) => NativeContext
  readonly first: ContextShape
  readonly most: Omit<ContextShape, "sharesCells">
}

/**
 * All contexts that follow each other look like one: what the sequences hold moves over, bit for bit. The states that it gives and takes do
 * not depend on its shape. Only for models whose states can be told apart so, see `toPortableState`.
 */
export function createElasticContext({ create, first, most }: ElasticContextOptions): NativeContext {
  let inner = create(first)
  let { sequences: mostSequences, cellsPerSequence: mostCells } = most
  let listener: () => boolean = () => false
  let threads: number | null = null

  const shapeOf = ({ sequences, cellsPerSequence, share }: NativeContext): ContextShape => ({
    sequences,
    cellsPerSequence,
    sharesCells: share !== null,
  })
  /** Powers of two, and never less than there is. */
  const roundUp = (wanted: ContextShape): ContextShape => {
    const now = shapeOf(inner)
    const grown = (least: number, most: number) => Math.min(most, 2 ** Math.ceil(Math.log2(least)))
    return {
      sequences: Math.max(now.sequences, grown(wanted.sequences, mostSequences)),
      cellsPerSequence: Math.max(
        now.sharesCells ? 0 : now.cellsPerSequence,
        grown(Math.max(first.cellsPerSequence, wanted.cellsPerSequence), mostCells),
      ),
      sharesCells: wanted.sharesCells,
    }
  }
  /** Streams that a state names. */
  const streams = () => (inner.share === null ? inner.sequences : 1)
  const replace = (shape: ContextShape) => {
    const before = shapeOf(inner)
    const states = Array.from({ length: before.sequences }, (_, id) => context.saveState(id))
    // Common cells may have held more of one than it would have of its own.
    const held = Math.max(0, ...states.map((state) => (state === null ? 0 : cellsIn(state))))
    const after = roundUp({ ...shape, cellsPerSequence: Math.max(shape.cellsPerSequence, held) })
    // First the old one goes, or both need memory at once.
    inner[Symbol.dispose]()
    try {
      inner = create(after)
    } catch {
      if (after.sequences > before.sequences) mostSequences = before.sequences
      else mostCells = before.cellsPerSequence
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
    get cellsPerSequence() {
      return inner.cellsPerSequence
    },
    reshape: (wanted) => {
      const now = shapeOf(inner)
      const shape = roundUp(wanted)
      const isLonger = !shape.sharesCells && shape.cellsPerSequence > now.cellsPerSequence
      if (isLonger || shape.sequences !== now.sequences || shape.sharesCells !== now.sharesCells)
        replace(shape)
    },
    saveState: (sequence) => {
      const state = inner.saveState(sequence)
      if (state === null) return null
      const portable = toPortableState(state, streams())
      if (portable === null) throw new Error("the library gave a state of another form")
      return portable
    },
    restoreState: (sequence, state) => {
      const now = shapeOf(inner)
      const cells = cellsIn(state)
      if (!now.sharesCells && cells > now.cellsPerSequence && cells <= mostCells) {
        inner.cut(sequence, 0) // what it holds is not to be moved along
        context.reshape?.({ ...now, cellsPerSequence: cells })
      }
      return inner.restoreState(sequence, fromPortableState(state, streams()))
    },
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
