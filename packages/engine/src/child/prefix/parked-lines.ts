// Lines that no sequence holds any more: their results lie in main memory, in a file, or in both. Counts bytes and throws out what is
// cheapest to compute again for the room it takes.
import type { PrefixTree } from "./prefix-tree.ts"
import type { Line } from "./sequence.ts"

/** Fewer tokens are computed sooner than they are moved to main memory and back (1,500 tokens of a small model: 2 ms each way). */
export const LEAST_PARKED_TOKENS = 16
/** Fewer tokens are computed sooner than they are written to a file, read and checked. */
export const LEAST_STORED_TOKENS = 64

/** What is worth nearly as much as the least goes before it when its last use is longer ago: chats differ by as much from turn to turn. */
const NEARLY = 0.25

/** A line in a file. */
export interface FiledLine extends Line {
  readonly id: string
  readonly pinned: boolean
}

/** Where lines outlive the process. Nothing here throws: what cannot be read or written is not there. */
export interface LineStore {
  list(): readonly FiledLine[]
  read(id: string): Uint8Array | null
  write(
    line: Omit<Line, "onDisk"> & { readonly pinned: boolean; readonly recomputeMs: number },
    state: Uint8Array,
  ): FiledLine | null
  touch(id: string): void
  remove(id: string): void
}

export interface ParkedLine extends Line {
  readonly isParked: true
  /** Null: only in the file. */
  state: Uint8Array | null
  file: FiledLine | null
  /** Computed ahead because somebody asked for it; stays until it is unpinned. */
  readonly pinned: boolean
  /** What counts of its last use, in the unit of `Parking.#clock`. */
  age: number
  /** Number of its last use. */
  usedAt: number
}

interface WeighedLine {
  readonly line: ParkedLine
  /** Milliseconds of work that a mebibyte of it saves. */
  readonly saved: number
}

export interface ParkingOptions<Held extends Line> {
  readonly tree: PrefixTree<Held | ParkedLine>
  readonly memoryBytes: number
  readonly files: LineStore | null
  /** Of one prompt token that is computed; 0: not measured yet. */
  readonly msPerRow: () => number
  /** Nobody reads such a state any more. */
  readonly release: (state: Uint8Array) => void
  /** Tokens of `line` that nothing else holds. */
  readonly uniqueTokens: (line: ParkedLine) => number
}

export class Parking<Held extends Line> {
  readonly #options: ParkingOptions<Held>
  readonly #lines = new Set<ParkedLine>()
  #bytes = 0
  /**
   * GreedyDual-Size with cost (Cao and Irani 1997): the value of the last line that was thrown out. What is used gets it on top of its own
   * value, so that a line that is never used again grows old however dear it was.
   */
  #clock = 0
  #uses = 0

  constructor(options: ParkingOptions<Held>) {
    this.#options = options
    for (const file of options.files?.list() ?? [])
      this.#take({ ...lineOf(file), state: null, file, age: 0, usedAt: 0 })
  }

  get lines(): ReadonlySet<ParkedLine> {
    return this.#lines
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Keeps a line in main memory as far as there is room. Returns null when it alone is too large. `state` is its own from here. */
  add(line: Line & { readonly pinned?: boolean }, state: Uint8Array): ParkedLine | null {
    if (state.byteLength > this.#options.memoryBytes) {
      this.#release(state)
      return null
    }
    const parked: ParkedLine = {
      ...copyOf(line),
      isParked: true,
      pinned: line.pinned ?? false,
      state,
      file: null,
      ...this.#use(),
    }
    this.#take(parked)
    this.#makeRoom(parked)
    return this.#lines.has(parked) ? parked : null
  }

  /** The results of a line, from wherever they are. Null: they are gone, and so is the line. */
  load(line: ParkedLine): Uint8Array | null {
    Object.assign(line, this.#use())
    if (line.state !== null) return line.state
    const { files, memoryBytes } = this.#options
    const state = line.file === null ? null : (files?.read(line.file.id) ?? null)
    if (state === null || line.file === null) {
      line.file = null
      this.#forget(line)
      return null
    }
    files?.touch(line.file.id)
    if (state.byteLength <= memoryBytes) {
      line.state = state
      this.#bytes += state.byteLength
      this.#makeRoom(line)
    }
    return state
  }

  /** Writes a line to disk. False: there is no disk, or no room. */
  store(line: ParkedLine): boolean {
    if (line.file !== null) return true
    if (line.state === null) return false
    line.file = this.#write(line, line.state, line.pinned)
    return line.file !== null
  }

  /** Writes what a sequence holds to disk, without keeping it in main memory too. `state` is its own from here. */
  storeOnly(line: Line, state: Uint8Array): boolean {
    const file = this.#write(line, state, false)
    this.#release(state)
    if (file === null) return false
    this.#take({ ...copyOf(line), isParked: true, pinned: false, state: null, file, ...this.#use() })
    return true
  }

  /** Removes a line with its file. */
  remove(line: ParkedLine): void {
    if (line.file !== null) this.#options.files?.remove(line.file.id)
    line.file = null
    this.#forget(line)
  }

  #write(line: Line, state: Uint8Array, pinned: boolean): FiledLine | null {
    const { files, msPerRow } = this.#options
    const recomputeMs = line.tokens.length * msPerRow()
    return files?.write({ ...copyOf(line), pinned, recomputeMs }, state) ?? null
  }

  #use(): Pick<ParkedLine, "age" | "usedAt"> {
    this.#uses += 1
    return { age: this.#clock, usedAt: this.#uses }
  }

  #take(line: ParkedLine): void {
    this.#lines.add(line)
    this.#bytes += line.state?.byteLength ?? 0
    this.#options.tree.set(line, line.tokens)
  }

  #forget(line: ParkedLine): void {
    if (!this.#lines.delete(line)) return
    this.#release(this.#dropState(line))
    this.#options.tree.delete(line)
  }

  /** `newest` goes last, and its state may still be read: it is about to be used. */
  #makeRoom(newest: ParkedLine): void {
    while (this.#bytes > this.#options.memoryBytes) {
      const { line: victim, saved } = this.#leastMissed(newest) ?? this.#weighed(newest)
      this.#clock = Math.max(this.#clock, victim.age + saved)
      const state = this.#dropState(victim)
      if (victim !== newest) this.#release(state)
      if (victim.file === null) this.#forget(victim)
    }
  }

  #dropState(line: ParkedLine): Uint8Array | null {
    const { state } = line
    this.#bytes -= state?.byteLength ?? 0
    line.state = null
    return state
  }

  #release(state: Uint8Array | null): void {
    if (state !== null) this.#options.release(state)
  }

  #leastMissed(newest: ParkedLine): WeighedLine | null {
    const weighed = [...this.#lines]
      .filter((line) => line.state !== null && line !== newest && !(line.pinned && line.file === null))
      .map((line) => this.#weighed(line))
    const least = Math.min(...weighed.map(({ line, saved }) => line.age + saved))
    const [oldest] = weighed
      .filter(({ line, saved }) => line.age + (1 - NEARLY) * saved <= least)
      .sort((a, b) => a.line.usedAt - b.line.usedAt)
    return oldest ?? null
  }

  #weighed(line: ParkedLine): WeighedLine {
    const mebibytes = Math.max(line.state?.byteLength ?? 0, 1) / 2 ** 20
    const saved = (this.#options.uniqueTokens(line) * Math.max(this.#options.msPerRow(), 0.01)) / mebibytes
    return { line, saved }
  }
}

function copyOf(line: Line): Line {
  const { tokens, exact, adapterKey, owner, sharedTokens, label, onDisk } = line
  return { tokens: tokens.slice(), exact, adapterKey, owner, sharedTokens, label, onDisk }
}

function lineOf(file: FiledLine): Line & Pick<ParkedLine, "isParked" | "pinned"> {
  return { ...copyOf(file), isParked: true, pinned: file.pinned }
}
