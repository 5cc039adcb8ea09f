import { expect, test } from "vitest"
import { sourceNameOf, sourceNamesOf } from "./source-name.ts"

test.each([
  ["hf:owner/repo:Q4_K_M", { kind: "hub", host: "" }],
  ["ollama:tiny:1b", { kind: "ollama", host: "" }],
  ["pip:package", { kind: "pip", host: "" }],
  ["npm:package", { kind: "npm", host: "" }],
  ["https://models.example:8443/a.gguf", { kind: "host", host: "models.example:8443" }],
  ["registry/name", { kind: "other", host: "registry/name" }],
  ["", { kind: "other", host: "" }],
])("%s", (reference, name) => {
  expect(sourceNameOf(reference)).toEqual(name)
})

test("each service once, in the order they are tried", () => {
  const kinds = sourceNamesOf(["hf:a/b", "hf:c/d", "pip:e", "hf:f/g"]).map(({ kind }) => kind)
  expect(kinds).toEqual(["hub", "pip"])
})
