import fc from "fast-check"
import { expect, test } from "vitest"
import { arrangeTree, type TreeNode } from "./arrange-tree.ts"
import { foreignMessage } from "./imported-conversation.ts"

const said = (id: string, role: "user" | "assistant" = "user") =>
  foreignMessage({ id, message: { role, content: id }, createdAt: undefined })
const node = (id: string, parentId: string | null): TreeNode => ({ id, parentId, message: said(id) })
const links = (nodes: readonly TreeNode[], current?: string) =>
  arrangeTree(nodes, current).map(({ id, parentId }) => [id, parentId])

test("a message comes after the one it follows; the branch that is shown comes last", () => {
  const nodes = [node("c", "a"), node("a", null), node("b", "a"), node("d", "c")]
  expect(links(nodes, "d")).toEqual([
    ["a", null],
    ["b", "a"],
    ["c", "a"],
    ["d", "c"],
  ])
  expect(links(nodes, "b").at(-1)).toEqual(["b", "a"])
})

test("what follows a node without a message follows the one before it", () => {
  const empty = (id: string, parentId: string | null): TreeNode => ({ id, parentId, message: undefined })
  const nodes = [
    empty("root", null),
    node("a", "root"),
    empty("tool", "a"),
    empty("more", "tool"),
    node("b", "more"),
  ]
  expect(links(nodes)).toEqual([
    ["a", null],
    ["b", "a"],
  ])
})

test("what was thought goes to the next answer", () => {
  const thought = (id: string, parentId: string, reasoning: string): TreeNode => ({
    ...{ id, parentId, reasoning },
    message: undefined,
  })
  const answer: TreeNode = { id: "b", parentId: "t2", message: said("b", "assistant") }
  const nodes = [
    node("a", null),
    thought("t1", "a", "first"),
    thought("t2", "t1", "then"),
    answer,
    node("c", "b"),
  ]
  expect(
    arrangeTree(nodes, undefined).map(({ message }) => "reasoning" in message && message.reasoning),
  ).toEqual([false, "first\n\nthen", false])
})

test("a circle leads nowhere and is left out", () => {
  expect(links([node("a", "b"), node("b", "a"), node("c", null)], "a")).toEqual([["c", null]])
})

test("any tree: each message once, after its parent", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 60 }), fc.nat(), (parents, shown) => {
      const nodes = parents
        .map((parent, at) => node(`${at}`, at === 0 ? null : `${parent % at}`))
        .toReversed()
      const current = nodes.length === 0 ? undefined : nodes[shown % nodes.length]?.id
      const arranged = arrangeTree(nodes, current)
      expect(arranged.map((it) => it.id).sort()).toEqual(nodes.map((it) => it.id).sort())
      const seen = new Set<string | null>([null])
      for (const { id, parentId } of arranged) {
        expect(seen.has(parentId)).toBe(true)
        seen.add(id)
      }
    }),
  )
})

test("a conversation of many messages is no deeper than memory", () => {
  const nodes = Array.from({ length: 50_000 }, (_, at) => node(`${at}`, at === 0 ? null : `${at - 1}`))
  expect(arrangeTree(nodes, "49999")).toHaveLength(50_000)
})
