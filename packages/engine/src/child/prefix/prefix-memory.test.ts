import fc from "fast-check"
import { beforeEach, expect, test } from "vitest"
import { FakeFiles, FakeStates, TOKEN_BYTES, wish } from "./prefix-memory.fixture.ts"
import {
  type ClaimWish,
  PrefixMemory,
  type PrefixMemoryOptions,
  type SequenceClaim,
} from "./prefix-memory.ts"
import { extend, type Sequence } from "./sequence.ts"

let states: FakeStates
let memory: PrefixMemory

beforeEach(() => {
  states = new FakeStates()
})

function open(options: Partial<PrefixMemoryOptions> = {}): PrefixMemory {
  memory = new PrefixMemory({
    sequences: 2,
    states,
    memoryBytes: 100_000,
    files: null,
    slidingWindow: 0,
    msPerRow: () => 1,
    ...options,
  })
  return memory
}

const run = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index)

function claim(prompt: readonly number[], options: Partial<ClaimWish> = {}): SequenceClaim {
  const got = memory.claim(wish(prompt, options), () => true)
  if (got === null || got === "later") throw new Error(`no sequence: ${got}`)
  return got
}

/** As the main loop does it: what was not reused is decoded. */
function compute(sequence: Sequence, tokens: readonly number[]): void {
  expect(states.of(sequence.id)).toEqual(sequence.tokens)
  states.held.set(sequence.id, [...states.of(sequence.id), ...tokens])
  extend(sequence, tokens)
}

function serve(
  prompt: readonly number[],
  options: Partial<ClaimWish> & { answer?: readonly number[] } = {},
): number {
  const { answer = [], ...others } = options
  const { sequence, reusable } = claim(prompt, others)
  compute(sequence, prompt.slice(reusable))
  compute(sequence, answer)
  memory.release(sequence, others.reuse ?? true)
  return reusable
}

test("a growing chat computes its new tokens only, in the sequence where it was", () => {
  open()
  expect(serve(run(0, 100), { answer: [7, 8] })).toBe(0)
  expect(serve([...run(0, 100), 7, 8, 9])).toBe(102)
  expect([states.saves, states.restores]).toEqual([0, 0])
})

test("the last token of a prompt is always computed", () => {
  open()
  serve(run(0, 100))
  expect(serve(run(0, 100))).toBe(99)
})

test("more chats than sequences take turns without being computed again", () => {
  open()
  const chats = [0, 1_000, 2_000, 3_000, 4_000].map((from) => run(from, 200))
  for (const chat of chats) expect(serve(chat)).toBe(0)
  for (const chat of chats) expect(serve([...chat, 1, 2])).toBe(200)
})

test("memory of what a chat has outgrown is given back for the next that is saved", () => {
  open({ sequences: 1 })
  for (let turn = 0; turn < 4; turn++) for (const from of [0, 1_000]) serve(run(from, 200 + 40 * turn))
  expect(states.saves).toBe(7)
  expect(memory.parkedLines).toBe(2)
  expect(states.saves - states.releases).toBe(2)
})

test("what is not kept in memory is the work that is cheapest to do again", () => {
  open({ sequences: 1, memoryBytes: 760 * TOKEN_BYTES })
  serve(run(0, 300))
  serve([...run(0, 280), ...run(9_000, 70)])
  serve(run(5_000, 300))
  serve(run(7_000, 100))
  // The first is the beginning of the second but for 20 tokens, so it was the one to go.
  expect(serve([...run(0, 300), 1])).toBe(280)
})

test("chats that take turns are kept before those of yesterday, whichever are a little longer", () => {
  const chats = 6
  // Room for two rounds of chats and one more, where each has grown to its last turn.
  open({ sequences: 1, memoryBytes: 13 * 900 * TOKEN_BYTES })
  const system = run(0, 150)
  for (let round = 0; round < 6; round++)
    for (let turn = 1; turn <= 4; turn++)
      for (let chat = 0; chat < chats; chat++) {
        const own = 10_000 * (1 + round * chats + chat)
        const said = 600 + 60 * turn + 3 * (chat % 2)
        const reused = serve([...system, ...run(own, said)], { answer: run(own + said, 16) })
        expect(reused, `round ${round}, turn ${turn}, chat ${chat}`).toBeGreaterThan(turn === 1 ? -1 : 700)
      }
})

test("of no more room than for the chats that take turns, the one that comes back is not thrown out for the one that leaves", () => {
  open({ sequences: 1, memoryBytes: 2 * 130 * TOKEN_BYTES })
  for (let turn = 0; turn < 4; turn++)
    for (const own of [1_000, 2_000, 3_000])
      expect(serve(run(own, 100 + turn), { answer: [] })).toBe(turn === 0 ? 0 : 99 + turn)
})

test("a system prompt is used by everybody, what was said by its owner only", () => {
  open()
  const system = run(0, 100)
  serve([...system, ...run(500, 100)], { sharedTokens: 100 })
  expect(serve([...system, ...run(500, 100), 1], { owner: "bob", sharedTokens: 100 })).toBe(100)
  expect(serve([...system, ...run(500, 100), 1], { owner: "eve", sharedTokens: 0 })).toBe(0)
  expect(serve([...system, ...run(500, 100), 1], { owner: undefined, sharedTokens: 40 })).toBe(40)
  expect(serve([...system, ...run(500, 100), 1], { sharedTokens: 100 })).toBe(200)
})

test("nothing is used of other adapters, against the wish, or by half where memory cannot be cut", () => {
  open()
  serve(run(0, 100))
  expect(serve(run(0, 90), { wholeOnly: true, reuse: false })).toBe(0)
  expect(serve(run(0, 120), { adapterKey: "a" })).toBe(0)
  expect(serve([...run(0, 90), 1, 2], { wholeOnly: true })).toBe(0)
  expect(serve(run(0, 120), { wholeOnly: true })).toBe(100)
})

test("who asks for the same bits uses whole blocks of a prompt, and leaves a block to compute", () => {
  open()
  serve(run(0, 300), { answer: [1, 2, 3] })
  expect(serve(run(0, 300), { exactly: true })).toBe(192)
})

test("a block that is nearly full is filled, where whole blocks are faster and the context is long", () => {
  open()
  serve(run(0, 700))
  const rows = (count: number, nearlyBlockRows: number | null = 52) => {
    const prompt = [...run(0, 700), ...run(9_000 + 100 * count, count)]
    return prompt.length - serve(prompt, { nearlyBlockRows })
  }
  expect([40, 51, 52, 60, 63, 64].map((count) => rows(count))).toEqual([40, 51, 64, 64, 64, 64])
  expect([27, 28, 45].map((count) => rows(count, 28))).toEqual([27, 64, 64])
  expect(rows(59, null)).toBe(59)
})

test("who needs what another is computing waits for it, then takes it over", () => {
  open()
  const prompt = run(0, 300)
  const first = claim([...prompt, 1], { sharedTokens: 300 })
  const second = wish([...prompt, 2], { owner: "bob", sharedTokens: 300 })
  expect(memory.claim(second, () => true)).toBe("later")
  compute(first.sequence, prompt.slice(0, 284))
  expect(memory.claim(second, () => true)).toBe("later")
  compute(first.sequence, prompt.slice(284))
  const got = memory.claim(second, () => true)
  expect(got).toMatchObject({ reusable: 300 })
  expect(states.of(first.sequence.id)).toEqual(prompt)
})

test("nobody waits for a stream that stands still, or for what is not for him", () => {
  open()
  claim(run(0, 300))
  expect(memory.claim(wish([...run(0, 250), 1]), () => false)).toMatchObject({ reusable: 0 })
  open({ sequences: 3 })
  claim(run(0, 300))
  expect(memory.claim(wish([...run(0, 250), 1], { owner: "bob" }), () => true)).toMatchObject({ reusable: 0 })
  expect(memory.claim(wish([...run(0, 15), 1]), () => true)).toMatchObject({ reusable: 0 })
})

test("nothing is free while all are busy", () => {
  open({ sequences: 1 })
  claim(run(0, 10))
  expect(memory.claim(wish([9]), () => true)).toBeNull()
})

test("what comes back to a branch finds the other one still there", () => {
  open({ sequences: 1 })
  serve([...run(0, 200), ...run(1_000, 200)])
  expect(serve([...run(0, 200), ...run(2_000, 200)])).toBe(200)
  expect(serve([...run(0, 200), ...run(1_000, 200), 1])).toBe(400)
})

test("what was asked not to be kept is nowhere", () => {
  open()
  serve(run(0, 100), { reuse: false })
  expect(states.of(0)).toEqual([])
  expect(serve(run(0, 100))).toBe(0)
})

test("a sliding window that was lost is computed again", () => {
  open({ slidingWindow: 50 })
  states.firstPosition = () => 40
  serve(run(0, 200))
  expect(serve([...run(0, 95), 1])).toBe(95)
  expect(serve([...run(0, 80), 2])).toBe(0)
})

test("lines outlive the process, the longest in place of what it grew from", () => {
  const files = new FakeFiles()
  open({ files })
  serve(run(0, 200))
  expect(memory.storeOne(false)).toBe(true)
  expect(memory.storeOne(false)).toBe(false)
  serve(run(0, 220))
  expect(memory.storeOne(false)).toBe(false)
  serve(run(0, 300))
  expect(memory.storeOne(false)).toBe(true)
  serve(run(0, 370))
  expect(memory.storeOne(true)).toBe(true)
  expect(files.list().map(({ tokens }) => tokens.length)).toEqual([370])
  states = new FakeStates()
  open({ files })
  expect(serve(run(0, 400))).toBe(370)
})

test("a file that is gone, or that the library does not take, is worth nothing and is let go", () => {
  const files = new FakeFiles()
  open({ files })
  serve(run(0, 200))
  memory.storeOne(false)
  states = new FakeStates()
  open({ files })
  files.files.clear()
  expect(serve(run(0, 210))).toBe(0)
  memory.storeOne(false)
  states = new FakeStates()
  states.restoreState = () => false
  open({ files })
  expect(serve(run(0, 220))).toBe(0)
  expect(files.list()).toEqual([])
})

test("a full disk changes nothing but the time", () => {
  const files = new FakeFiles()
  files.isFull = true
  open({ files })
  serve(run(0, 200))
  expect(memory.storeOne(false)).toBe(false)
  expect(serve(run(0, 210))).toBe(200)
})

test("a label takes everything with it: sequence, memory and file", () => {
  const files = new FakeFiles()
  open({ files, sequences: 1 })
  serve(run(0, 200), { label: "chat-1" })
  serve(run(1_000, 200), { label: "chat-2" })
  while (memory.storeOne(true));
  serve(run(0, 210), { label: "chat-1" })
  memory.forget({ type: "label", label: "chat-1" })
  expect(files.list().map(({ label }) => label)).toEqual(["chat-2"])
  expect(serve(run(0, 220))).toBe(0)
  expect(serve(run(1_000, 220))).toBe(200)
})

test("what may not be on disk is used again from memory, and never written, also when the process ends", () => {
  const files = new FakeFiles()
  open({ files, sequences: 1 })
  serve(run(0, 200), { label: "temporary", onDisk: false })
  serve(run(1_000, 200))
  expect(serve(run(0, 210), { label: "temporary", onDisk: false })).toBe(200)
  while (memory.storeOne(true));
  expect(files.list().map(({ tokens }) => tokens[0])).toEqual([1_000])
  memory.forget({ type: "label", label: "temporary" })
  expect(serve(run(0, 220), { label: "temporary", onDisk: false })).toBe(0)
})

test("what is in use when it is to be forgotten goes when it is done", () => {
  open()
  const { sequence } = claim(run(0, 200), { label: "chat-1" })
  compute(sequence, run(0, 200))
  memory.forget({ type: "owner", owner: "ann" })
  memory.release(sequence, true)
  expect(states.of(sequence.id)).toEqual([])
  expect(serve(run(0, 200))).toBe(0)
  expect(serve(run(0, 200))).toBe(199)
})

test("what was computed with adapters stays in this process", () => {
  const files = new FakeFiles()
  open({ files })
  serve(run(0, 200), { adapterKey: "an address" })
  expect(memory.storeOne(true)).toBe(false)
  expect(serve(run(0, 210), { adapterKey: "an address" })).toBe(200)
})

test("everything can be forgotten, pinned lines only when they are meant too", () => {
  const files = new FakeFiles()
  open({ files })
  const { sequence } = claim(run(0, 200))
  compute(sequence, run(0, 200))
  memory.pin(sequence)
  memory.release(sequence, true)
  serve(run(1_000, 200))
  while (memory.storeOne(true));
  memory.forget({ type: "all", pinned: false })
  expect(serve(run(1_000, 200))).toBe(0)
  expect(serve(run(0, 210))).toBe(200)
  memory.forget({ type: "all", pinned: true })
  expect(files.list()).toEqual([])
  expect(serve(run(0, 210))).toBe(0)
})

test("a pinned line stays when everything else goes, and is on disk at once", () => {
  const files = new FakeFiles()
  open({ files, sequences: 1, memoryBytes: 450 * TOKEN_BYTES })
  const { sequence } = claim(run(0, 200))
  compute(sequence, run(0, 200))
  expect(memory.pin(sequence)).toBe(200 * TOKEN_BYTES)
  memory.release(sequence, true)
  expect(files.list()).toMatchObject([{ pinned: true }])
  for (let chat = 1; chat < 10; chat++) serve(run(chat * 1_000, 200))
  expect(serve(run(0, 210))).toBe(200)
})

const token = fc.integer({ min: 0, max: 1 })
const stretch = fc.tuple(token, fc.integer({ min: 1, max: 150 }))
const promptOf = (stretches: readonly (readonly [number, number])[]) =>
  stretches.flatMap(([value, count]) => Array.from({ length: count }, () => value))
const action = fc.record({
  stretches: fc.array(stretch, { minLength: 1, maxLength: 4 }),
  owner: fc.constantFrom("ann", "bob"),
  shared: fc.integer({ min: 0, max: 200 }),
  reuse: fc.boolean(),
  overlap: fc.boolean(),
  store: fc.boolean(),
})

test("whatever comes, a claim holds exactly a beginning of its prompt that the owner may use", () => {
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 25 }),
      fc.integer({ min: 0, max: 3_000 }),
      (actions, memoryBytes) => {
        states = new FakeStates()
        open({ memoryBytes, files: new FakeFiles() })
        const own = new Map<string, number[][]>()
        const shared: number[][] = []
        const busy: SequenceClaim[] = []
        for (const { stretches, owner, shared: wished, reuse, overlap, store } of actions) {
          const prompt = promptOf(stretches)
          const sharedTokens = Math.min(wished, prompt.length)
          const got = memory.claim(wish(prompt, { owner, sharedTokens, reuse }), () => true)
          if (got === null || got === "later") {
            for (const { sequence } of busy.splice(0)) memory.release(sequence, true)
            continue
          }
          const { sequence, reusable } = got
          expect(states.of(sequence.id)).toEqual(prompt.slice(0, reusable))
          expect(sequence.tokens).toEqual(prompt.slice(0, reusable))
          expect(reusable).toBeLessThan(prompt.length)
          // Nothing comes from nowhere: somebody who may give it has computed it.
          const known = [...(own.get(owner) ?? []), ...shared.map((tokens) => tokens.slice(0, sharedTokens))]
          const most = Math.max(0, ...known.map((tokens) => commonPrefix(tokens, prompt)))
          expect(reusable).toBeLessThanOrEqual(reuse ? most : 0)
          compute(sequence, prompt.slice(reusable))
          own.set(owner, [...(own.get(owner) ?? []), prompt])
          shared.push(prompt.slice(0, sharedTokens))
          if (overlap && busy.length === 0) busy.push(got)
          else memory.release(sequence, reuse)
          if (store) memory.storeOne(false)
          expect(memory.parkedBytes).toBeLessThanOrEqual(memoryBytes)
        }
      },
    ),
    { numRuns: 300 },
  )
})

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  return length
}
