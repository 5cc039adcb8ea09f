import { expect, test } from "vitest"
import { fromPortableState } from "./portable-state.ts"
import { createStateMemory } from "./state-memory.ts"

const MIB = 2 ** 20

test("a state that has grown gets the memory that it had before", () => {
  const memory = createStateMemory()
  const first = memory.take(MIB)
  expect(first).toHaveLength(MIB)
  memory.give(first)
  const second = memory.take(1.25 * MIB)
  expect(second).toHaveLength(1.25 * MIB)
  expect(second.buffer).toBe(first.buffer)
  expect(memory.take(MIB).buffer).not.toBe(first.buffer)
})

test("what is too small or too large for it is left to others", () => {
  const memory = createStateMemory()
  const first = memory.take(3 * MIB)
  memory.give(first)
  expect(memory.take(6 * MIB).buffer).not.toBe(first.buffer)
  expect(memory.take(MIB).buffer).not.toBe(first.buffer)
  expect(memory.take(4 * MIB).buffer).toBe(first.buffer)
})

test("the smallest that fits", () => {
  const memory = createStateMemory()
  const [large, small] = [memory.take(1.2 * MIB), memory.take(MIB)]
  memory.give(small)
  memory.give(large)
  expect(memory.take(1.3 * MIB).buffer).toBe(small.buffer)
})

test("given twice it is there once", () => {
  const memory = createStateMemory()
  const state = memory.take(MIB)
  memory.give(state)
  memory.give(state)
  expect(memory.take(MIB).buffer).toBe(state.buffer)
  expect(memory.take(MIB).buffer).not.toBe(state.buffer)
})

test("of what is given no more than 64 MiB waits", () => {
  const memory = createStateMemory()
  const states = Array.from({ length: 8 }, () => memory.take(12 * MIB))
  for (const state of states) memory.give(state)
  const again = new Set(states.map(() => memory.take(12 * MIB).buffer))
  const gone = [...Array(5).fill(true), false, false, false]
  expect(states.map(({ buffer }) => !again.has(buffer))).toEqual(gone)
  expect(states.map(({ byteLength }) => byteLength === 0)).toEqual(gone)
  const huge = memory.take(50 * MIB)
  memory.give(huge)
  expect(huge).toHaveLength(0)
  expect(memory.take(50 * MIB).buffer).not.toBe(huge.buffer)
})

test("memory of others is not taken, and what was given has no room for a header any more", () => {
  const memory = createStateMemory()
  const foreign = new Uint8Array(MIB)
  memory.give(foreign)
  expect(memory.take(MIB / 1.2).buffer).not.toBe(foreign.buffer)
  const state = memory.take(MIB)
  memory.give(state)
  expect(fromPortableState(state, 1).buffer).not.toBe(state.buffer)
})
