// Which sequence of the context a stream gets, and where its beginning comes from: what a sequence still holds, what was parked in main
// memory, what a file has. Shared by all streams of a model. The caller decodes; this decides, and moves results about.
import type { ForgetWish } from "../../engine.ts"
import { isBesideBusy, leastMissed, type Neighbours } from "./choose-sequence.ts"
import {
  LEAST_PARKED_TOKENS,
  LEAST_STORED_TOKENS,
  type LineStore,
  type ParkedLine,
  Parking,
} from "./parked-lines.ts"
import { PrefixTree } from "./prefix-tree.ts"
import { createSequence, type Line, type Sequence, takeUp, truncate } from "./sequence.ts"
import { type PrefixWish, usableTokens } from "./usable-tokens.ts"

/** What is done to the sequences of a context. `NativeContext` is one. */
export interface SequenceStates {
  /** Removes the positions from `from` on (all of them: 0). False when only the whole sequence can go. */
  cut(sequence: number, from: number): boolean
  /** The smallest position held; −1 for an empty sequence. */
  firstPosition(sequence: number): number
  /** Everything a sequence holds, as bytes. Null: it holds nothing. */
  saveState(sequence: number): Uint8Array | null
  /** Replaces what a sequence holds. False: the bytes were not taken, and it is empty. */
  restoreState(sequence: number, state: Uint8Array): boolean
  /** Nobody reads the bytes any more. */
  releaseState(state: Uint8Array): void
  /** Gives `to` what `from` holds without moving a byte. Null: the sequences of this context do not share cells. */
  readonly share: ((from: number, to: number) => void) | null
}

export interface PrefixMemoryOptions {
  readonly sequences: number
  readonly states: SequenceStates
  /** For parked lines in main memory. */
  readonly memoryBytes: number
  readonly files: LineStore | null
  /** Tokens that a sliding-window layer looks back; 0: none slides. */
  readonly slidingWindow: number
  readonly msPerRow: () => number
}

export interface ClaimWish extends PrefixWish {
  readonly label: string | undefined
  /** May what is computed be written to disk? */
  readonly onDisk: boolean
  /** Use and keep computed tokens. */
  readonly reuse: boolean
}

export interface SequenceClaim {
  readonly sequence: Sequence
  /** How many tokens at the beginning need not be computed again. */
  readonly reusable: number
}

interface Source {
  readonly usable: number
  readonly line: Sequence | ParkedLine | null
}

const NOTHING: Source = { usable: 0, line: null }
/** For fewer nobody waits. A prompt that waits gives its rows of the next batch to the one that it waits for. */
const LEAST_AWAITED_TOKENS = 16

export class PrefixMemory {
  readonly sequences: Sequence[] = []
  readonly #options: PrefixMemoryOptions
  readonly #tree = new PrefixTree<Sequence | ParkedLine>()
  readonly #parking: Parking<Sequence>
  /** What the streams in busy sequences are going to compute. */
  readonly #promised = new Map<Sequence, readonly number[]>()
  /** Busy ones whose tokens are to be forgotten. */
  readonly #unwanted = new Set<Sequence>()
  #clock = 0

  constructor(options: PrefixMemoryOptions) {
    this.#options = options
    this.grow(options.sequences)
    this.#parking = new Parking({
      tree: this.#tree,
      memoryBytes: options.memoryBytes,
      files: options.files,
      msPerRow: options.msPerRow,
      release: (state) => options.states.releaseState(state),
      uniqueTokens: (line) => line.tokens.length - this.#heldElsewhere(line),
    })
  }

  /** The context has so many sequences now; those that there were hold what they held. */
  grow(sequences: number): void {
    for (let id = this.sequences.length; id < sequences; id++) this.sequences.push(createSequence(id))
  }

  get hasFree(): boolean {
    return this.sequences.some((sequence) => !sequence.busy)
  }

  get parkedBytes(): number {
    return this.#parking.bytes
  }

  get parkedLines(): number {
    return this.#parking.lines.size
  }

  /**
   * A free sequence that holds as much of the prompt as there is anywhere. `later`: another stream is just computing more of it, and
   * `isComputing` says that it goes on. Null: none is free.
   */
  claim(wish: ClaimWish, isComputing: (sequence: Sequence) => boolean): SequenceClaim | "later" | null {
    if (!this.hasFree) return null
    const { best, pendingTokens } = wish.reuse
      ? this.#find(wish, isComputing)
      : { best: NOTHING, pendingTokens: 0 }
    if (pendingTokens >= best.usable + LEAST_AWAITED_TOKENS) return "later"
    const sequence = this.#makeReady(best)
    const reusable = sequence.tokens.length
    sequence.busy = true
    sequence.adapterKey = wish.adapterKey
    sequence.owner = wish.owner
    sequence.label = wish.label
    sequence.onDisk = wish.onDisk
    sequence.sharedTokens = wish.sharedTokens
    if (wish.reuse) {
      this.#promised.set(sequence, wish.prompt)
      this.#tree.set(sequence, wish.prompt)
    } else this.#tree.delete(sequence)
    return { sequence, reusable }
  }

  /** Gives a sequence back with what it holds. `keep` false: nothing of it is kept. */
  release(sequence: Sequence, keep: boolean): void {
    sequence.busy = false
    this.#clock += 1
    sequence.usedAt = this.#clock
    this.#promised.delete(sequence)
    const isUnwanted = this.#unwanted.delete(sequence)
    if (!keep || isUnwanted) this.#empty(sequence)
    this.#tree.set(sequence, sequence.tokens)
  }

  /** Keeps what a sequence holds until it is unpinned. Returns the bytes that it takes; 0: there was no room. */
  pin(sequence: Sequence): number {
    const state = this.#options.states.saveState(sequence.id)
    if (state === null) return 0
    const parked = this.#parking.add({ ...lineOf(sequence), pinned: true }, state)
    if (parked === null) return 0
    this.#parking.store(parked)
    return state.byteLength
  }

  /** Forgets in free sequences, in main memory and on disk; a busy sequence when it is released. */
  forget(wish: ForgetWish): void {
    for (const sequence of this.sequences)
      if (!isMeant(sequence, wish)) continue
      else if (sequence.busy) this.#unwanted.add(sequence)
      else {
        this.#empty(sequence)
        this.#tree.delete(sequence)
      }
    for (const line of [...this.#parking.lines])
      if (isMeant(line, wish) && (wish.type !== "all" || wish.pinned || !line.pinned))
        this.#parking.remove(line)
  }

  /** Tokens of the prompt's beginning that are held anywhere, or are being computed, whoever may use them. */
  longestMatch(prompt: readonly number[]): number {
    for (const { length } of this.#tree.match(prompt)) return length
    return 0
  }

  /** Gives up what free sequences hold. False: they held nothing. */
  dropFree(): boolean {
    const idle = this.sequences.filter((sequence) => !sequence.busy && sequence.tokens.length > 0)
    for (const sequence of idle) {
      this.#park(sequence)
      this.#empty(sequence)
      this.#tree.delete(sequence)
    }
    return idle.length > 0
  }

  /**
   * Writes one line that would be missed to disk; for when there is nothing else to do. `all`: also what has grown but little since it was
   * written, because the process ends. False: there was nothing to write.
   */
  storeOne(all: boolean): boolean {
    if (this.#options.files === null) return false
    for (const line of this.#parking.lines)
      if (line.file === null && this.#worthStoring(line, all))
        return this.#parking.store(line) && this.#dropCovered(line)
    for (const sequence of this.sequences) {
      if (sequence.busy || !this.#worthStoring(sequence, all)) continue
      const state = this.#options.states.saveState(sequence.id)
      return state !== null && this.#parking.storeOnly(sequence, state) && this.#dropCovered(sequence)
    }
    return false
  }

  #find(
    wish: ClaimWish,
    isComputing: (sequence: Sequence) => boolean,
  ): { best: Source; pendingTokens: number } {
    let best = NOTHING
    let pendingTokens = 0
    const seen = new Set<Sequence | ParkedLine>()
    for (const { length, lines } of this.#tree.match(wish.prompt)) {
      // No line that comes after this can hold more.
      if (length < best.usable) break
      for (const line of lines) {
        if (seen.has(line)) continue
        seen.add(line)
        const usable = usableTokens(line, Math.min(length, line.tokens.length), wish)
        const isBetter =
          usable > best.usable ||
          (usable === best.usable && usable > 0 && this.#rank(line) < this.#rank(best.line))
        // A file is read at a price that few tokens do not pay.
        const isCheap = this.#rank(line) < this.#rank(null) || usable >= best.usable + LEAST_STORED_TOKENS
        if (isBetter && isCheap) best = { usable, line }
        if ("isParked" in line || !line.busy || !isComputing(line)) continue
        const promised = this.#promised.get(line) ?? []
        const expected = { ...line, tokens: promised, exact: promised.length }
        pendingTokens = Math.max(pendingTokens, usableTokens(expected, length, wish))
      }
    }
    return { best, pendingTokens }
  }

  /** A free sequence that holds exactly the usable tokens of the source; fewer, when they turn out to be gone. */
  #makeReady({ line, usable }: Source): Sequence {
    if (line !== null && !("isParked" in line) && !line.busy) {
      // What comes after in this sequence would be lost to whoever comes back to it.
      if (line.tokens.length - usable >= LEAST_PARKED_TOKENS) {
        const other = this.#leastMissed()
        if (this.#options.states.share !== null && other.tokens.length === 0)
          return this.#copy(line, other, usable)
        this.#park(line)
      }
      return this.#cutTo(line, usable)
    }
    const sequence = this.#leastMissed()
    const park = this.#saved(sequence)
    this.#empty(sequence)
    if (line !== null && "isParked" in line) this.#restore(line, sequence, usable)
    else if (line !== null) this.#copy(line, sequence, usable)
    // Only now: room for it must not be made of what was wanted here, and where that is parked it is the least missed.
    this.#tree.set(sequence, sequence.tokens)
    park()
    return sequence
  }

  #restore(line: ParkedLine, into: Sequence, usable: number): Sequence {
    const state = this.#parking.load(line)
    if (state === null) return into
    if (!this.#options.states.restoreState(into.id, state)) {
      this.#parking.remove(line)
      return into
    }
    takeUp(into, line)
    return this.#cutTo(into, usable)
  }

  /** From a sequence that goes on holding it. Where bytes are moved they are kept, for there will be others who want the same. */
  #copy(from: Sequence, into: Sequence, usable: number): Sequence {
    const { states } = this.#options
    if (states.share !== null) states.share(from.id, into.id)
    else {
      const state = states.saveState(from.id)
      if (state === null || !states.restoreState(into.id, state)) return into
      this.#parking.add(lineOf(from), state)
    }
    takeUp(into, from)
    return this.#cutTo(into, usable)
  }

  #cutTo(sequence: Sequence, count: number): Sequence {
    if (count === sequence.tokens.length && count > 0) return sequence
    if (count > 0 && this.#options.states.cut(sequence.id, count) && this.#holdsWindow(sequence.id, count))
      truncate(sequence, count)
    else this.#empty(sequence)
    return sequence
  }

  /**
   * Cutting a sliding-window memory back "works" and gives wrong logits when the window before the cut is gone; the returned
   * boolean is not the signal, the smallest position is.
   */
  #holdsWindow(sequence: number, from: number): boolean {
    const { slidingWindow, states } = this.#options
    return slidingWindow <= 0 || states.firstPosition(sequence) <= Math.max(0, from - slidingWindow)
  }

  #empty(sequence: Sequence): void {
    this.#options.states.cut(sequence.id, 0)
    truncate(sequence, 0)
  }

  /** Moves what a free sequence holds to main memory, unless it is little, or held elsewhere too. */
  #park(sequence: Sequence): void {
    this.#saved(sequence)()
  }

  /** As `#park`, but main memory gets it when the result is called: the sequence may hold something else then. */
  #saved(sequence: Sequence): () => void {
    const isMissed = sequence.tokens.length - this.#heldElsewhere(sequence) >= LEAST_PARKED_TOKENS
    const state = isMissed ? this.#options.states.saveState(sequence.id) : null
    if (state === null) return () => {}
    const line = { ...lineOf(sequence), tokens: sequence.tokens.slice() }
    return () => {
      const parked = this.#parking.add(line, state)
      if (parked !== null) this.#dropCovered(parked)
    }
  }

  /** Lines that say no more than the beginning of this one, which is kept in their place. */
  #dropCovered(line: Line): true {
    for (const { length, lines } of this.#tree.match(line.tokens))
      for (const other of [...lines])
        if (
          "isParked" in other &&
          other !== line &&
          !other.pinned &&
          other.tokens.length === length &&
          length < line.tokens.length &&
          isSameKind(other, line) &&
          other.label === line.label &&
          // A file that was not written anew yet is worth more than the same in memory.
          (other.file === null || ("file" in line ? line.file !== null : true))
        )
          this.#parking.remove(other)
    return true
  }

  /** Tokens of the line that another line of the same kind has too, of those that are `meant`. */
  #heldElsewhere(
    line: Sequence | ParkedLine,
    meant: (other: Sequence | ParkedLine) => boolean = () => true,
  ): number {
    for (const { length, lines } of this.#tree.match(line.tokens))
      for (const other of lines)
        if (other !== line && isSameKind(other, line) && length <= other.tokens.length && meant(other))
          return length
    return 0
  }

  #worthStoring(line: Sequence | ParkedLine, all: boolean): boolean {
    if (!line.onDisk) return false
    // The key of adapters names them in this process only.
    if (line.adapterKey !== "" || line.tokens.length < LEAST_STORED_TOKENS) return false
    const stored = this.#heldElsewhere(line, (other) => "isParked" in other && other.file !== null)
    const grown = line.tokens.length - stored
    return grown >= (all ? LEAST_STORED_TOKENS : Math.max(LEAST_STORED_TOKENS, line.tokens.length / 4))
  }

  #leastMissed(): Sequence {
    return leastMissed(this.sequences, this.#neighbours)
  }

  get #neighbours(): Neighbours {
    return { ownCells: this.#options.states.share === null }
  }

  /** The cheaper to use, the lower. */
  #rank(line: Sequence | ParkedLine | null): number {
    if (line === null) return 4
    if ("isParked" in line) return line.state === null ? 4 : 2
    if (line.busy) return 3
    return isBesideBusy(line, this.sequences, this.#neighbours) ? 0 : 1
  }
}

function isMeant(line: Line, wish: ForgetWish): boolean {
  switch (wish.type) {
    case "label":
      return line.label === wish.label
    case "owner":
      return line.owner === wish.owner
    case "all":
      return true
    default:
      return wish satisfies never
  }
}

function isSameKind(line: Line, other: Line): boolean {
  return line.adapterKey === other.adapterKey && line.owner === other.owner
}

function lineOf(sequence: Sequence): Line {
  const { tokens, exact, adapterKey, owner, sharedTokens, label, onDisk } = sequence
  return { tokens, exact, adapterKey, owner, sharedTokens, label, onDisk }
}
