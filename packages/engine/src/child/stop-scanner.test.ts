import fc from "fast-check"
import { expect, test } from "vitest"
import { createStopScanner } from "./stop-scanner.ts"

function scan(pieces: readonly string[], stops: readonly string[]): { text: string; stop: string | null } {
  const scanner = createStopScanner(stops)
  let text = ""
  for (const piece of pieces) {
    const { text: safe, stop } = scanner.push(piece)
    text += safe
    if (stop !== null) return { text, stop }
  }
  return { text: text + scanner.end(), stop: null }
}

test.each([
  { pieces: ["Hello ", "wor", "ld"], stops: [], text: "Hello world", stop: null },
  { pieces: ["one\n", "\nUs", "er: two"], stops: ["\n\nUser:"], text: "one", stop: "\n\nUser:" },
  { pieces: ["abc"], stops: ["bc", "abc"], text: "a", stop: "bc" },
  { pieces: ["a", "a", "a", "b"], stops: ["aab"], text: "a", stop: "aab" },
  { pieces: ["END"], stops: ["END"], text: "", stop: "END" },
  { pieces: ["almost EN"], stops: ["END"], text: "almost EN", stop: null },
  { pieces: ["x"], stops: [""], text: "x", stop: null },
])("$pieces with $stops", ({ pieces, stops, text, stop }) => {
  expect(scan(pieces, stops)).toEqual({ text, stop })
})

test("text that may become a stop string is held back, and no more", () => {
  const scanner = createStopScanner(["###", "stop"])
  expect(scanner.push("a #")).toEqual({ text: "a ", stop: null })
  expect(scanner.push("#b st")).toEqual({ text: "##b ", stop: null })
  expect(scanner.push("ay")).toEqual({ text: "stay", stop: null })
})

test("any cut of the text gives the same answer, and nothing after a stop string is shown", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 40 })
  const stop = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(letters, fc.array(stop, { maxLength: 4 }), fc.array(fc.nat(40)), (text, stops, cuts) => {
      const borders = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length]
      const pieces = borders.slice(1).map((end, index) => text.slice(borders[index], end))
      const cut = scan(pieces, stops)
      expect(cut).toEqual(scan([...text], stops))
      for (const other of stops) expect(cut.text.includes(other)).toBe(false)
    }),
  )
})
