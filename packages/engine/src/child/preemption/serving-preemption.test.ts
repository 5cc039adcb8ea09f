// The main loop with a long prompt beside readers, against contexts that are scripts.
import fc from "fast-check"
import { beforeEach, describe, expect, test } from "vitest"
import type { FromChild } from "../messages.ts"
import type { DecodeResult, NativeContext } from "../native/context.ts"
import { createScriptedServing, ScriptedContext, type ScriptedServing } from "../serving.fixture.ts"

/** Each asks the clock at least once, which is a millisecond then. */
const NODES = 300

/** A context of one prompt, whose graph has nodes. */
class ApartScript extends ScriptedContext {
  closed = false
  readonly nodes: (decode: number, node: number) => void

  constructor(nodes: (decode: number, node: number) => void, rowCapacity: number) {
    super()
    this.nodes = nodes
    this.rowCapacity = rowCapacity
  }
  override decode(): DecodeResult {
    const decode = this.batches.length
    let aborts = false
    this.inBatch = (asks) => {
      for (let node = 0; node < NODES && !aborts; node++) {
        this.nodes(decode, node)
        aborts = asks()
      }
      if (aborts) this.results = ["aborted"]
    }
    return super.decode()
  }
}

const progressOf = (sent: readonly FromChild[], requestId: number) =>
  sent
    .flatMap((message) => (message.type === "step" ? message.progress : []))
    .filter((progress) => progress.requestId === requestId)
    .map(({ doneTokens }) => doneTokens)

let scripted: ScriptedServing
let opened: ApartScript[]
/** Called at each node of a prompt's graph. */
let onNode: (decode: number, node: number) => void
/** Of contexts that are opened from now on. */
let rowCapacity: number

function start(options: Parameters<typeof createScriptedServing>[0] = {}): ScriptedServing {
  opened = []
  onNode = () => {}
  rowCapacity = 512
  scripted = createScriptedServing({
    sequences: 4,
    msPerRow: 4,
    createApart: (cells) => {
      const apart = new ApartScript((decode, node) => onNode(decode, node), rowCapacity)
      opened.push(apart)
      return {
        context: apart as unknown as NativeContext, // the methods that serving calls
        cells,
        threadsForTurns: (threads) => threads,
        [Symbol.dispose]: () => {
          apart.closed = true
        },
      }
    },
    ...options,
  })
  return scripted
}

beforeEach(() => void start())

/** One who reads, with a long answer to come. */
function startReader(requestId = 1): void {
  scripted.add(requestId, 5, { maxTokens: 500 })
  for (let step = 0; step < 3 && scripted.textOf(requestId) === ""; step++) scripted.serving.step()
  expect(scripted.textOf(requestId)).not.toBe("")
}

test("those who read get their steps in the middle of a batch, and the prompt gets its text", () => {
  startReader()
  scripted.add(2, 900)
  let textAtFirstBatch = ""
  onNode = (decode) => {
    if (decode === 0) textAtFirstBatch = scripted.textOf(1)
  }
  scripted.run(3)
  expect(textAtFirstBatch.length).toBeGreaterThan(2)
  scripted.run(1_000)
  expect(scripted.textOf(1)).toBe("A".repeat(500))
  expect(scripted.textOf(2)).toBe("AAA")
  expect(scripted.endsOf(2)).toMatchObject([{ reason: "length", usage: { promptTokens: 900 } }])
  expect(opened).toHaveLength(1)
  expect(opened[0]?.closed).toBe(true)
  // The common context never saw a row of that prompt, only its answer.
  const rows = scripted.context.batches.flat().filter(({ token }) => token >= 2_000)
  expect(rows).toEqual([])
  expect(scripted.context.batches.flat().some(({ position }) => position === 900)).toBe(true)
})

test("a batch has no more rows than a small context has room for", () => {
  rowCapacity = 128
  startReader()
  scripted.add(2, 900)
  scripted.run(1_000)
  expect(scripted.textOf(2)).toBe("AAA")
  expect(opened[0]?.batches.map((rows) => rows.length)).toEqual([128, 128, 128, 128, 128, 128, 64, 68])
})

test("a prompt alone, or a short one, is computed in the common context", () => {
  scripted.add(2, 900)
  scripted.run()
  startReader()
  scripted.add(3, 100)
  scripted.run(1_000)
  expect(opened).toHaveLength(0)
  expect(scripted.textOf(3)).toBe("AAA")
})

test("when the last reader has gone the rest goes on in the common context", () => {
  startReader()
  scripted.add(2, 900)
  scripted.serving.step()
  expect(opened).toHaveLength(1)
  const done = opened[0]?.held.get(0)?.length ?? 0
  expect(done).toBeGreaterThan(0)
  scripted.cancelled.add(1)
  scripted.run()
  expect(opened[0]?.closed).toBe(true)
  expect(scripted.textOf(2)).toBe("AAA")
  expect(scripted.endsOf(2)).toMatchObject([{ usage: { cachedTokens: 0 } }])
  expect(scripted.context.batches.flat().filter(({ token }) => token >= 2_000)).toHaveLength(900 - done)
})

test("progress is told for each batch", () => {
  startReader()
  scripted.add(2, 900)
  scripted.run(1_000)
  const progress = progressOf(scripted.sent, 2)
  expect(progress.length).toBeGreaterThan(1)
  expect(progress).toEqual([...progress].sort((a, b) => a - b))
  expect(progress.at(-1)).toBeLessThan(900)
})

test("a request that is no longer wanted stops in the middle; what its earlier batches computed is kept", () => {
  startReader()
  scripted.add(2, 900)
  onNode = (decode, node) => {
    if (decode === 1 && node === 10) scripted.cancelled.add(2)
  }
  scripted.run(3)
  expect(scripted.endsOf(2)).toMatchObject([{ code: "interrupted" }])
  expect(opened[0]?.closed).toBe(true)
  const done = opened[0]?.batches[0]?.length ?? 0
  scripted.cancelled.delete(2)
  onNode = () => {}
  scripted.add(2, 900)
  scripted.run(1_000)
  expect(scripted.endsOf(2)).toMatchObject([{ code: "interrupted" }, { usage: { cachedTokens: done } }])
})

test("a reader that leaves in the middle of a batch ends there, and the prompt goes on", () => {
  startReader()
  startReader(3)
  scripted.add(2, 900)
  onNode = (decode, node) => {
    if (decode === 0 && node === 10) scripted.cancelled.add(1)
  }
  scripted.serving.step()
  expect(scripted.endsOf(1)).toMatchObject([{ code: "interrupted" }])
  scripted.run(1_000)
  expect(scripted.textOf(2)).toBe("AAA")
  expect(scripted.textOf(3)).toBe("A".repeat(500))
})

test("one who begins alike waits, and takes what is computed apart", () => {
  startReader()
  scripted.add(2, 900, { beginning: 300 })
  scripted.serving.step()
  scripted.add(3, 400, { beginning: 300 })
  scripted.run(1_000)
  expect(scripted.textOf(3)).toBe("AAA")
  const [end] = scripted.endsOf(3)
  expect((end as { usage: { cachedTokens: number } }).usage.cachedTokens).toBeGreaterThan(0)
})

test("a short prompt that comes meanwhile goes before the next batch", () => {
  startReader()
  scripted.add(2, 900)
  scripted.serving.step()
  scripted.add(3, 70)
  let textAtNextBatch: string | null = null
  onNode = (decode) => {
    if (decode === 1) textAtNextBatch ??= scripted.textOf(3)
  }
  scripted.run(1_000)
  expect(textAtNextBatch).toMatch(/^A+$/)
  expect(scripted.textOf(3)).toBe("AAA")
  expect(scripted.textOf(2)).toBe("AAA")
})

test("without memory for it the prompt is computed in the common context", () => {
  for (const createApart of [
    () => null,
    () => {
      throw new Error("no memory")
    },
  ]) {
    start({ createApart })
    startReader()
    scripted.add(2, 900)
    scripted.run(1_000)
    expect(scripted.textOf(2)).toBe("AAA")
  }
})

test("where the common context has no room for what was computed, the prompt begins anew there", () => {
  startReader()
  const { context } = scripted
  context.restoreState = (sequence) => {
    context.held.set(sequence, [])
    return false
  }
  scripted.add(2, 600)
  scripted.run(2_000)
  expect(scripted.textOf(2)).toBe("AAA")
  expect(scripted.textOf(1)).toBe("A".repeat(500))
  expect(opened.map(({ closed }) => closed)).toEqual([true])
})

test("one that waits for its reader keeps its place, and another long prompt goes the ordinary way", () => {
  startReader()
  scripted.add(2, 900)
  scripted.serving.step()
  scripted.serving.setPaused(2, true)
  scripted.add(3, 900)
  scripted.run(100)
  expect(scripted.textOf(3)).toBe("AAA")
  expect(opened.map(({ closed }) => closed)).toEqual([false])
  scripted.serving.setPaused(2, false)
  scripted.run(1_000)
  expect(scripted.textOf(2)).toBe("AAA")
  expect(opened.map(({ closed }) => closed)).toEqual([true])
})

test("a decode that fails ends its prompt, and no reader", () => {
  startReader()
  scripted.add(2, 900)
  onNode = (decode, node) => {
    if (decode === 1 && node === 5) for (const apart of opened) apart.results = ["failed"]
  }
  scripted.run(1_000)
  expect(scripted.endsOf(2)).toMatchObject([{ code: "internal" }])
  expect(scripted.textOf(1)).toBe("A".repeat(500))
  expect(opened[0]?.closed).toBe(true)
})

test("what a turn throws does not go through the native call, and comes out of the step", () => {
  start({
    onSend: () => {
      if (opened[0] !== undefined && !opened[0].closed) throw new Error("the pipe is gone")
    },
  })
  startReader()
  scripted.add(2, 900)
  expect(() => scripted.serving.step()).toThrow("the pipe is gone")
})

describe("whatever comes", () => {
  const event = fc.record({
    kind: fc.constantFrom("read", "long", "short", "cancel", "pause", "resume", "cancel-inside"),
    tokens: fc.integer({ min: 5, max: 900 }),
    answer: fc.integer({ min: 1, max: 40 }),
    who: fc.nat(),
    steps: fc.integer({ min: 0, max: 4 }),
  })

  test("each request gets its whole text or is told that it was stopped, and nothing is left open", () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 3, maxLength: 14 }), (events) => {
        start()
        const wanted = new Map<number, number>()
        let last = 0
        for (const { kind, tokens, answer, who, steps } of events) {
          const someone = 1 + (who % Math.max(1, last))
          if (kind === "cancel") scripted.cancelled.add(someone)
          else if (kind === "cancel-inside")
            onNode = (_, node) => {
              if (node === 7) scripted.cancelled.add(someone)
            }
          else if (kind === "pause" || kind === "resume")
            scripted.serving.setPaused(someone, kind === "pause")
          else {
            last += 1
            wanted.set(last, answer)
            const length = kind === "read" ? 5 : kind === "long" ? 300 + (tokens % 600) : 5 + (tokens % 100)
            scripted.add(last, length, { maxTokens: answer, beginning: who % 3 === 0 ? 200 : 0 })
          }
          for (let step = 0; step < steps && scripted.serving.hasWork; step++) scripted.serving.step()
        }
        for (const requestId of wanted.keys()) scripted.serving.setPaused(requestId, false)
        scripted.run(3_000)
        expect(scripted.serving.isEmpty).toBe(true)
        for (const [requestId, answer] of wanted) {
          const ends = scripted.endsOf(requestId)
          expect(ends).toHaveLength(1)
          if ("code" in (ends[0] as object)) expect(scripted.cancelled.has(requestId)).toBe(true)
          else expect(scripted.textOf(requestId)).toBe("A".repeat(answer))
        }
        expect(opened.every(({ closed }) => closed)).toBe(true)
        expect(new Set(scripted.disposed).size).toBe(wanted.size)
      }),
      { numRuns: 150 },
    )
  })
})
