import type { TokenKind } from "@fireside/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { countKinds, tokenRuns } from "./token-runs.ts"

const RENDERED = {
  text: "<user>\nHi there<end>",
  kinds: ["template", "template", "user", "user", "template"] as TokenKind[],
  ends: [6, 7, 9, 15, 20],
}
const show = (apart: boolean) => tokenRuns(RENDERED, apart).map(({ kind, text }) => [kind, text])

test("neighbours of one kind are one run", () => {
  expect(show(false)).toEqual([
    ["template", "<user>\n"],
    ["user", "Hi there"],
    ["template", "<end>"],
  ])
})

test("apart, each token is one, but those that end within a character", () => {
  expect(show(true).map(([, text]) => text)).toEqual(["<user>", "\n", "Hi", " there", "<end>"])
  expect(tokenRuns({ text: "é", kinds: ["user", "user"], ends: [1, 1] }, true)).toHaveLength(1)
})

test("the runs are the whole text, whatever the ends are", () => {
  const kind = fc.constantFrom<TokenKind>("template", "system", "user", "assistant", "tool")
  fc.assert(
    fc.property(
      fc.string(),
      fc.array(kind),
      fc.array(fc.nat(40)),
      fc.boolean(),
      (text, kinds, ends, apart) => {
        expect(
          tokenRuns({ text, kinds, ends }, apart)
            .map((run) => run.text)
            .join(""),
        ).toBe(text)
      },
    ),
  )
})

test("how many there are of each", () => {
  expect([...countKinds(RENDERED.kinds)]).toEqual([
    ["template", 3],
    ["user", 2],
  ])
})
