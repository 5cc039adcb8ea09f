import fc from "fast-check"
import { expect, test } from "vitest"
import { PrefixTree } from "./prefix-tree.ts"

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  return length
}

/** How far each line begins like the prompt, as the tree says. */
function lengthsBy(tree: PrefixTree<string>, prompt: readonly number[]): Map<string, number> {
  const lengths = new Map<string, number>()
  for (const { length, lines } of tree.match(prompt))
    for (const line of lines) lengths.set(line, Math.max(length, lengths.get(line) ?? 0))
  return lengths
}

test("a line is found by what it begins with, the longest first", () => {
  const tree = new PrefixTree<string>()
  tree.set("a", [1, 2, 3, 4])
  tree.set("b", [1, 2, 9])
  tree.set("c", [7])
  expect(tree.match([1, 2, 3, 5]).map(({ length, lines }) => [length, [...lines]])).toEqual([
    [3, ["a"]],
    [2, ["a", "b"]],
  ])
  expect(tree.match([8])).toEqual([])
  expect(tree.match([])).toEqual([])
})

test("a line may grow, shrink to nothing and come again", () => {
  const tree = new PrefixTree<string>()
  tree.set("a", [1, 2])
  tree.set("a", [1, 2, 3])
  expect(lengthsBy(tree, [1, 2, 3, 4]).get("a")).toBe(3)
  tree.set("a", [])
  expect([...tree.lines]).toEqual([])
  expect(tree.match([1])).toEqual([])
  tree.set("a", [5])
  expect(lengthsBy(tree, [5]).get("a")).toBe(1)
})

const tokens = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 12 })
const line = fc.constantFrom("a", "b", "c", "d", "e", "f")
const command = fc.oneof(
  fc.record({ type: fc.constant("set" as const), line, tokens }),
  fc.record({ type: fc.constant("delete" as const), line }),
)

test("for any history the tree says what comparing with each line says, and stays as small as it can", () => {
  fc.assert(
    fc.property(
      fc.array(command, { maxLength: 40 }),
      fc.array(tokens, { maxLength: 5 }),
      (commands, prompts) => {
        const tree = new PrefixTree<string>()
        const naive = new Map<string, readonly number[]>()
        for (const step of commands) {
          if (step.type === "set") {
            tree.set(step.line, step.tokens)
            naive.set(step.line, step.tokens)
          } else {
            tree.delete(step.line)
            naive.delete(step.line)
          }
          tree.check()
          for (const prompt of [...prompts, ...naive.values()]) {
            const expected = [...naive]
              .map(([name, held]) => [name, commonPrefix(held, prompt)] as const)
              .filter(([, length]) => length > 0)
            expect(lengthsBy(tree, prompt)).toEqual(new Map(expected))
          }
        }
      },
    ),
    { numRuns: 300 },
  )
})
