import { describe, expect, test } from "vitest"
import { type Beginning, haveMuchInCommon } from "./common-beginnings.ts"

function prompt(system: number, own: number, change: Partial<Beginning> = {}): Beginning {
  const tokens = [
    ...Array.from({ length: system }, (_, index) => index),
    ...Array.from({ length: own }, () => Math.floor(Math.random() * 1e9) + 1e6),
  ]
  return { tokens, adapterKey: "", cacheOwner: "anna", sharedTokens: system, ...change }
}

describe("requests have much in common", () => {
  test.each([
    ["one long system prompt, short questions", [prompt(1_500, 60), prompt(1_500, 60)], true],
    [
      "of different people too, as far as it is nobody's own",
      [prompt(1_500, 60), prompt(1_500, 60, { cacheOwner: "ben" })],
      true,
    ],
    [
      "not what is somebody's own",
      [prompt(1_500, 60, { sharedTokens: 20 }), prompt(1_500, 60, { cacheOwner: "ben", sharedTokens: 20 })],
      false,
    ],
    ["long chats behind a short system prompt", [prompt(300, 3_000), prompt(300, 3_000)], false],
    ["short prompts", [prompt(100, 10), prompt(100, 10)], false],
    ["other adapters", [prompt(1_500, 60), prompt(1_500, 60, { adapterKey: "x" })], false],
    ["two of three", [prompt(1_500, 60), prompt(1_500, 60), prompt(0, 200)], true],
    ["one alone", [prompt(1_500, 60)], false],
    ["none", [], false],
  ])("%s", (_, streams, expected) => {
    expect(haveMuchInCommon(streams)).toBe(expected)
  })
})
