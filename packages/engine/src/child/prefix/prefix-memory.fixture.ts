// A context and a disk that remember tokens, for the tests of what is kept where.
import type { FiledLine, LineStore } from "./parked-lines.ts"
import type { ClaimWish, SequenceStates } from "./prefix-memory.ts"

/** Bytes of the state of one token. */
export const TOKEN_BYTES = 4

/** A context that knows which tokens each sequence holds, as the real one does. */
export class FakeStates implements SequenceStates {
  readonly held = new Map<number, number[]>()
  saves = 0
  restores = 0
  releases = 0
  readonly share = null

  of(sequence: number): number[] {
    return this.held.get(sequence) ?? []
  }
  cut(sequence: number, from: number): boolean {
    this.held.set(sequence, this.of(sequence).slice(0, from))
    return true
  }
  firstPosition(): number {
    return 0
  }
  saveState(sequence: number): Uint8Array | null {
    this.saves += 1
    const tokens = this.of(sequence)
    return tokens.length === 0 ? null : new Uint8Array(Int32Array.from(tokens).buffer)
  }
  restoreState(sequence: number, state: Uint8Array): boolean {
    this.restores += 1
    this.held.set(sequence, [...new Int32Array(state.buffer)])
    return true
  }
  /** Who reads it yet reads tokens that there are not. */
  releaseState(state: Uint8Array): void {
    this.releases += 1
    state.fill(0xff)
  }
}

export class FakeFiles implements LineStore {
  readonly files = new Map<string, { line: FiledLine; state: Uint8Array }>()
  #next = 0
  isFull = false
  list(): readonly FiledLine[] {
    return [...this.files.values()].map(({ line }) => line)
  }
  read(id: string): Uint8Array | null {
    return this.files.get(id)?.state.slice() ?? null
  }
  write(line: Omit<FiledLine, "id" | "onDisk">, state: Uint8Array): FiledLine | null {
    if (this.isFull) return null
    const filed = { ...line, onDisk: true, id: String(this.#next++) }
    this.files.set(filed.id, { line: filed, state: state.slice() })
    return filed
  }
  touch(): void {}
  remove(id: string): void {
    this.files.delete(id)
  }
}

/** What one person asks, to be kept and to be taken from what is kept. */
export function wish(prompt: readonly number[], options: Partial<ClaimWish> = {}): ClaimWish {
  return {
    prompt,
    adapterKey: "",
    owner: "ann",
    label: undefined,
    onDisk: true,
    sharedTokens: 0,
    reuse: true,
    exactly: false,
    wholeOnly: false,
    nearlyBlockRows: null,
    ...options,
  }
}
