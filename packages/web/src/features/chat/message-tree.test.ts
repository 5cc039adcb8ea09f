import type { StoredMessage } from "@fireside/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { otherVersion, shownPath } from "./message-tree.ts"

const message = (id: string, parentId: string | null): StoredMessage =>
  ({ id, parentId, message: { role: "user", content: id } }) as StoredMessage

const idsOf = (messages: readonly StoredMessage[], through?: string) =>
  shownPath(messages, through).map(({ stored }) => stored.id)

/** Two answers to `a`; the first of them was asked on. */
const TREE = [message("a", null), message("b1", "a"), message("c", "b1"), message("b2", "a")]

test("the newest message is shown, with what led to it", () => {
  expect(idsOf(TREE)).toEqual(["a", "b2"])
  expect(idsOf([])).toEqual([])
})

test("a version that is chosen is shown with what followed it", () => {
  expect(idsOf(TREE, "b1")).toEqual(["a", "b1", "c"])
  expect(idsOf(TREE, "gone")).toEqual(["a", "b2"])
})

test("versions are counted, and one leads to the next", () => {
  const [, answer] = shownPath(TREE, "b1")
  expect(answer?.versions).toEqual(["b1", "b2"])
  expect(otherVersion(answer!, 1)).toBe("b2")
  expect(otherVersion(answer!, -1)).toBeUndefined()
})

test("any tree: a path goes from a root to a leaf through the message that was asked for", () => {
  const trees = fc
    .array(fc.nat(), { minLength: 1, maxLength: 40 })
    .map((picks) =>
      picks.map((pick, at) => message(String(at), at === 0 || pick % 5 === 0 ? null : String(pick % at))),
    )
  fc.assert(
    fc.property(trees, fc.nat(), (messages, pick) => {
      const through = String(pick % messages.length)
      const path = shownPath(messages, through).map(({ stored }) => stored)
      expect(path.map(({ id }) => id)).toContain(through)
      expect(path[0]?.parentId).toBeNull()
      for (const [at, { parentId }] of path.entries()) if (at > 0) expect(parentId).toBe(path[at - 1]?.id)
      expect(messages.some(({ parentId }) => parentId === path.at(-1)?.id)).toBe(false)
    }),
  )
})
