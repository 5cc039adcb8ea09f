// A piece of a name that knows where it stands in what the user typed, so that every error can point at its place.
import { AppError } from "@fireside/protocol"

/** Part of what is parsed, and where it begins in the whole: errors point into what the user typed. */
export interface Piece {
  readonly whole: string
  readonly text: string
  readonly start: number
}

/** `bad-reference` at `offset` of a piece, with a line that points at it. */
export function bad(at: Piece, offset: number, what: string, cause?: unknown): AppError {
  const position = at.start + offset
  const sentence = what.endsWith(".") ? what : `${what}.`
  return new AppError("bad-reference", {
    message: `${sentence}\n  ${shown(at.whole)}\n  ${" ".repeat(Math.min(position, SHOWN_LENGTH))}^`,
    hint: "Names look like smollm2:135m, hf:owner/repo:Q4_K_M, ollama:name:tag, https://…/x.gguf, ./x.gguf, pip:package or base+adapter.",
    details: { position, reference: shown(at.whole) },
    ...(cause === undefined ? {} : { cause }),
  })
}

const SHOWN_LENGTH = 160

/** One printable line of what was typed, however hostile. */
function shown(text: string): string {
  const printable = text.replace(/[\p{C}]/gu, "�")
  return printable.length > SHOWN_LENGTH ? `${printable.slice(0, SHOWN_LENGTH)}…` : printable
}

export function piece(whole: string, text: string, start: number): Piece {
  return { whole, text, start }
}

export function tail(from: Piece, offset: number): Piece {
  return { whole: from.whole, text: from.text.slice(offset), start: from.start + offset }
}

export function splitOnce(from: Piece, separator: string): readonly [Piece, Piece | undefined] {
  const at = from.text.indexOf(separator)
  if (at < 0) return [from, undefined]
  return [piece(from.whole, from.text.slice(0, at), from.start), tail(from, at + separator.length)]
}

export function splitAll(from: Piece, separator: string): readonly Piece[] {
  const pieces: Piece[] = []
  let rest: Piece | undefined = from
  while (rest !== undefined) {
    const [head, next]: readonly [Piece, Piece | undefined] = splitOnce(rest, separator)
    pieces.push(head)
    rest = next
  }
  return pieces
}
