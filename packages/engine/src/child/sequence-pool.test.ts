import { expect, test } from "vitest"
import { extend, SequencePool, truncate } from "./sequence-pool.ts"

const WISH = { adapterKey: "", owner: undefined, reuse: true, exactly: false, wholeOnly: false }

function poolWith(...contents: readonly (readonly number[])[]): SequencePool {
  const pool = new SequencePool(contents.length)
  for (const [index, tokens] of contents.entries()) pool.sequences[index]?.tokens.push(...tokens)
  return pool
}

test("the longest common prefix wins", () => {
  const pool = poolWith([1, 2, 9], [1, 2, 3, 4, 9], [7])
  const claim = pool.claim({ ...WISH, prompt: [1, 2, 3, 4, 5] })
  expect([claim?.sequence.id, claim?.reusable]).toEqual([1, 4])
})

test("the last token of a prompt is always computed", () => {
  const claim = poolWith([1, 2, 3]).claim({ ...WISH, prompt: [1, 2, 3] })
  expect(claim?.reusable).toBe(2)
})

test("a stranger takes an empty sequence, then the one used longest ago", () => {
  const pool = poolWith([1, 1], [], [2, 2])
  const first = pool.claim({ ...WISH, prompt: [5, 6] })
  expect(first?.sequence.id).toBe(1)
  first?.sequence.tokens.push(5, 6)
  const second = pool.claim({ ...WISH, prompt: [1, 1, 1] })
  expect(second?.sequence.id).toBe(0)
  if (first === null || second === null) throw new Error("no claim")
  pool.release(second.sequence)
  pool.release(first.sequence)
  expect(pool.claim({ ...WISH, prompt: [8, 8] })?.sequence.id).toBe(2)
  expect(pool.claim({ ...WISH, prompt: [8, 8] })?.sequence.id).toBe(0)
})

test("nothing is reused of another adapter, against the wish, or by half where memory cannot be cut", () => {
  expect(poolWith([1, 2, 3]).claim({ ...WISH, prompt: [1, 2, 4], adapterKey: "a" })?.reusable).toBe(0)
  expect(poolWith([1, 2, 3]).claim({ ...WISH, prompt: [1, 2, 4], reuse: false })?.reusable).toBe(0)
  expect(poolWith([1, 2, 3]).claim({ ...WISH, prompt: [1, 2, 4], wholeOnly: true })?.reusable).toBe(0)
  expect(poolWith([1, 2, 3]).claim({ ...WISH, prompt: [1, 2, 3, 4], wholeOnly: true })?.reusable).toBe(3)
})

test("an owner's tokens are reused for nobody else, and go when another takes the sequence", () => {
  const pool = poolWith([])
  const prompt = [1, 2, 3]
  const first = pool.claim({ ...WISH, prompt, owner: "ann" })
  if (first === null) throw new Error("no claim")
  first.sequence.tokens.push(...prompt)
  pool.release(first.sequence)
  const other = pool.claim({ ...WISH, prompt, owner: "bob" })
  expect([other?.sequence.id, other?.reusable]).toEqual([0, 0])
  pool.release(first.sequence)
  expect(pool.claim({ ...WISH, prompt })?.reusable).toBe(0)
  const free = poolWith([1, 2, 3], [])
  const mine = free.claim({ ...WISH, prompt, owner: "ann" })
  // Without an owner is not everybody's.
  expect([mine?.sequence.id, mine?.reusable]).toEqual([1, 0])
  mine?.sequence.tokens.push(...prompt)
  if (mine !== null) free.release(mine.sequence)
  expect(free.claim({ ...WISH, prompt, owner: "ann" })).toMatchObject({ sequence: { id: 1 }, reusable: 2 })
})

test("a busy sequence is nobody else's", () => {
  const pool = new SequencePool(1)
  expect(pool.claim({ ...WISH, prompt: [1] })).not.toBeNull()
  expect(pool.hasFree).toBe(false)
  expect(pool.claim({ ...WISH, prompt: [1] })).toBeNull()
})

test("who wants the same bits again reuses whole blocks of a prompt, and leaves a block to compute", () => {
  const pool = new SequencePool(1)
  const prompt = Array.from({ length: 300 }, (_, index) => index)
  const [sequence] = pool.sequences
  if (sequence === undefined) throw new Error("one was made")
  const reusable = (length: number, exactly = true): number | undefined => {
    const claim = pool.claim({ ...WISH, exactly, prompt: prompt.slice(0, length) })
    if (claim !== null) pool.release(claim.sequence)
    return claim?.reusable
  }
  extend(sequence, prompt.slice(0, 128))
  extend(sequence, prompt.slice(128, 200))
  // An answer's tokens come one by one, and what is computed behind them does not begin at a block.
  extend(sequence, [200])
  extend(sequence, prompt.slice(201, 300))
  expect([128, 192, 256, 300].map((length) => reusable(length))).toEqual([64, 128, 192, 192])
  expect(reusable(300, false)).toBe(299)
  truncate(sequence, 150)
  expect(reusable(300)).toBe(128)
  truncate(sequence, 10)
  expect(reusable(300)).toBe(0)
})
