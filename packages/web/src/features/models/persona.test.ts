import { type ModelDetails, NAME_LIMITS, NewJob } from "@fireside/protocol"
import { expect, test } from "vitest"
import { checkPersonaName, personaJob, personaOf } from "./persona.ts"

const details = (change: Partial<ModelDetails> = {}): ModelDetails => ({
  name: "tiny:1b",
  digest: "",
  sizeBytes: 1,
  modifiedAt: "2030-01-01T00:00:00Z",
  format: "gguf",
  architecture: "llama",
  parameters: "1B",
  quantization: "Q4_0",
  contextLength: 1,
  licence: "MIT",
  inPlace: false,
  path: "",
  template: "",
  system: "Be brief.",
  sampling: { topK: 20, temperature: 0.2 },
  stop: [],
  capabilities: ["completion"],
  metadata: {},
  licenceText: "",
  deterministic: { possible: true },
  ...change,
})

test("a persona begins as its model is", () => {
  expect(personaOf(details())).toEqual({
    name: "tiny-1b-persona",
    system: "Be brief.",
    temperature: 0.2,
    topP: 0.9,
  })
})

test.each(["tiny:1b", "hf:owner/repo:Q4_K_M", "host/space/name:tag", "plain"])(
  "the name that is proposed for a persona of %s is one",
  (name) => {
    expect(checkPersonaName(personaOf(details({ name })).name, [])).toBeUndefined()
  },
)

test.each([
  ["", "empty"],
  ["a", undefined],
  ["my-cook:v1", undefined],
  ["two words", "letters"],
  ["a:b:c", "letters"],
  [":b", "letters"],
  ["owner/a", "letters"],
  ["tiny:1b", "taken"],
  ["COOK", "taken"],
  ["cook:latest", "taken"],
  ["cook:v1", undefined],
  ["a".repeat(NAME_LIMITS.partLength), undefined],
  ["a".repeat(NAME_LIMITS.partLength + 1), "long"],
])("the name %j: %s", (name, problem) => {
  expect(checkPersonaName(name, [{ name: "tiny:1b" }, { name: "cook:latest" }])).toBe(problem)
})

test("what the form does not show stays as it is", () => {
  const job = personaJob(details(), { name: "cook", system: "Cook.", temperature: 1, topP: 0.5 })
  expect(NewJob.parse(job)).toEqual({
    type: "create",
    create: {
      name: "cook",
      from: "tiny:1b",
      system: "Cook.",
      sampling: { topK: 20, temperature: 1, topP: 0.5 },
    },
  })
})
