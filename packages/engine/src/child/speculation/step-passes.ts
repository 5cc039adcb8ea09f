// In how many parts the library computes one batch of decode rows. Pure.

/**
 * Rows of each pass through the weights, for streams with so many rows each. Where the sequences have cells of their own, the
 * library takes the same number of rows of every sequence that has some left: 1, 1 and 4 rows are a pass of three and a pass of three
 * more, which costs twice as much as one of six.
 */
export function stepPasses(rowsByStream: readonly number[], ownCells: boolean): number[] {
  if (!ownCells) return [rowsByStream.reduce((sum, rows) => sum + rows, 0)]
  const passes: number[] = []
  let done = 0
  for (const rows of [...new Set(rowsByStream)].sort((a, b) => a - b)) {
    const left = rowsByStream.filter((count) => count >= rows).length
    if (rows > done) passes.push(left * (rows - done))
    done = rows
  }
  return passes
}
