// Streams whose sequences follow each other are computed together.
import { expect, test } from "vitest"
import { FakeStates, wish } from "./prefix-memory.fixture.ts"
import { PrefixMemory } from "./prefix-memory.ts"
import { extend, type Sequence } from "./sequence.ts"

const SEQUENCES = 6
/** What all prompts begin with, as a chat template does. */
const BEGINNING = [1, 2, 3, 4, 5, 6, 7, 8]

function openMemory() {
  const states = new FakeStates()
  const memory = new PrefixMemory({
    sequences: SEQUENCES,
    states,
    memoryBytes: 100_000,
    files: null,
    slidingWindow: 0,
    msPerRow: () => 1,
  })
  const claim = (question: number): Sequence => {
    const prompt = [...BEGINNING, question]
    const got = memory.claim(wish(prompt), () => false)
    if (got === null || got === "later") throw new Error(`no sequence: ${got}`)
    const { sequence, reusable } = got
    states.held.set(sequence.id, prompt)
    extend(sequence, prompt.slice(reusable))
    return sequence
  }
  return { claim, release: (sequence: Sequence) => memory.release(sequence, true) }
}

test("those who come after a crowd run next to each other, whichever of its chats ended first", () => {
  for (const endings of [
    [0, 1, 2, 3, 4, 5],
    [3, 0, 5, 1, 4, 2],
    [5, 4, 3, 2, 1, 0],
  ]) {
    const { claim, release } = openMemory()
    const crowd = endings.map((_, place) => claim(100 + place))
    for (const place of endings) release(crowd[place] as Sequence)
    const ids = [200, 201, 202, 203].map((question) => claim(question).id).sort((a, b) => a - b)
    expect((ids[3] ?? 0) - (ids[0] ?? 0)).toBe(3)
  }
})
