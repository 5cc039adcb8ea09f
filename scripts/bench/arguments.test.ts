import { expect, test } from "vitest"
import { readArguments } from "./arguments.ts"

test("the defaults measure five pairs of everything", () => {
  expect(readArguments([])).toMatchObject({ rounds: 5, quick: false, only: [], task: "measure" })
})

test.each([
  [["--quick"], { rounds: 2, quick: true }],
  [["--quick", "--pairs", "3"], { rounds: 3 }],
  [["--only", "engine, S11"], { only: ["engine", "S11"] }],
  [["--profile"], { task: "profile" }],
  [["--build-peer", "--jobs", "1"], { task: "build-peer", jobs: 1 }],
  [["--help"], { task: "help" }],
])("%j", (argv, expected) => {
  expect(readArguments(argv)).toMatchObject(expected)
})

test.each([[["--pairs", "0"]], [["--pairs", "two"]], [["--jobs", "1.5"]], [["--unknown"]], [["stray"]]])(
  "%j is refused",
  (argv) => {
    expect(() => readArguments(argv)).toThrow()
  },
)
