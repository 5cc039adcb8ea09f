import { expect, test } from "vitest"
import { hostName } from "./host-name.ts"

test.each([
  ["huggingface.co", "huggingface.co"],
  ["  HuggingFace.co ", "huggingface.co"],
  ["https://huggingface.co/owner/repo?x=1", "huggingface.co"],
  ["models.example:8443", "models.example"],
  ["bücher.example", "xn--bcher-kva.example"],
  ["", undefined],
  ["   ", undefined],
  ["two words", undefined],
  ["https://", undefined],
  ["*.example", undefined],
])("%j → %j", (written, expected) => {
  expect(hostName(written)).toBe(expected)
})
