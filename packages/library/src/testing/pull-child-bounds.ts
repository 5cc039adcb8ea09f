// The bounds of the process that fault tests kill, shared with the tests that count its bytes.
export const PULL_CHILD_BOUNDS = Object.freeze({ rangeBytes: 512 * 1024, parallelRanges: 4, attempts: 3 })
