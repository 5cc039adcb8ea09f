// Where in a rendered text each of its tokens ends, for whoever shows them. Pure.

/**
 * UTF-16 code units; a token that ends within a character ends with it. `pieces`: the bytes of each token, in order. What the tokeniser put in
 * front of a text (a space) is in its token and not in the text.
 */
export function tokenEnds(text: string, pieces: readonly Uint8Array[]): readonly number[] {
  const bytes = Buffer.from(text)
  const units = unitsAfter(bytes)
  let at = 0
  return pieces.map((piece) => {
    const isHere = bytes.subarray(at, at + piece.length).equals(piece)
    const hasSpace = !isHere && piece[0] === SPACE && startsWith(bytes.subarray(at), piece.subarray(1))
    at = Math.min(bytes.length, at + piece.length - (hasSpace ? 1 : 0))
    return units[at] ?? text.length
  })
}

const SPACE = 0x20

function startsWith(bytes: Buffer, beginning: Uint8Array): boolean {
  return bytes.subarray(0, beginning.length).equals(beginning)
}

/** For each number of bytes, the code units of the characters that have begun by then. */
function unitsAfter(bytes: Buffer): Uint32Array {
  const units = new Uint32Array(bytes.length + 1)
  let count = 0
  for (const [index, byte] of bytes.entries()) {
    const isFirst = (byte & 0xc0) !== 0x80
    // Characters of four bytes are two code units.
    if (isFirst) count += byte >= 0xf0 ? 2 : 1
    units[index + 1] = count
  }
  return units
}
