import { AppError } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { checkDeterminism } from "./check-determinism.ts"

interface Row {
  readonly token: number
  readonly position: number
  readonly rows: number
  readonly threads: number
}

/** A processor whose kernels give `bitsOf`. */
function processor(bitsOf: (row: Row) => number) {
  let batch: { token: number; position: number }[] = []
  let threads = 2
  let alone = 0
  return {
    alone: () => alone,
    threads: () => threads,
    context: {
      rowCapacity: 512,
      clear: () => {
        batch = []
      },
      addRow: (token: number, position: number) => batch.push({ token, position }) - 1,
      decode: () => {
        if (batch.length === 1) alone += 1
        return "done" as const
      },
      logits: (row: number) => {
        const { token = 0, position = 0 } = batch[row] ?? {}
        return Float32Array.of(token, bitsOf({ token, position, rows: batch.length, threads }))
      },
      clearMemory: () => {},
      setThreads: (count: number) => {
        threads = count
      },
    },
  }
}

const check = ({ context }: ReturnType<typeof processor>, rowCapacity = 512) =>
  checkDeterminism({
    model: { vocabularySize: 1_000 },
    context: { ...context, rowCapacity },
    threads: 2,
    systemInfo: "CPU : AVX2 = 1",
  })

function refusalOf(bitsOf: (row: Row) => number): AppError {
  try {
    check(processor(bitsOf))
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error("it was not refused")
}

describe("checkDeterminism", () => {
  test("lets a processor pass whose rows do not depend on their batch, with few rows alone and all threads afterwards", () => {
    const sound = processor(({ position }) => position)
    check(sound)
    expect(sound.alone()).toBeLessThanOrEqual(24)
    expect(sound.threads()).toBe(2)
  })

  test.each([
    ["kernels that change at 4 rows", ({ rows }: Row) => (rows >= 4 ? 1 : 0), "batches of 3, 5, 8 rows"],
    ["kernels for pairs", ({ rows }: Row) => (rows === 2 ? 1 : 0), "batches of 2, 2"],
    ["kernels for 16 rows", ({ rows }: Row) => (rows === 16 ? 1 : 0), "batches of 16 rows"],
    ["an odd row left over", ({ rows, position }: Row) => (rows === 7 && position === 6 ? 1 : 0), "7, 9"],
    ["sums cut by threads", ({ threads }: Row) => threads, "2 threads in place of one"],
  ])("refuses %s, and says what differed on which processor", (_, bitsOf, how) => {
    const error = refusalOf(bitsOf)
    expect(error.code).toBe("cannot-be-deterministic")
    expect(error.message).toContain(how)
    expect(error.message).toContain("AVX2")
  })

  test("a zero of another sign is another result", () => {
    expect(refusalOf(({ rows }) => (rows === 16 ? -0 : 0)).code).toBe("cannot-be-deterministic")
  })

  test("refuses a context whose batches are too small to be compared", () => {
    expect(() =>
      check(
        processor(() => 0),
        8,
      ),
    ).toThrow("batches of 8 rows")
  })
})
