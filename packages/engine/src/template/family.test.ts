import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { familyOf } from "./family.ts"

test.each(["chatml", "llama3", "gemma", "mistral", "qwen", "deepseek", "phi"])(
  "the template of %s is of its family",
  (family) => {
    expect(
      familyOf(readFileSync(new URL(`./fixtures/${family}/template.jinja`, import.meta.url), "utf8")),
    ).toBe(family)
  },
)

test.each([
  ["granite", "<|start_of_role|>user<|end_of_role|>"],
  ["command-r", "<|START_OF_TURN_TOKEN|>"],
  ["gpt-oss", "<|start|>assistant<|channel|>final<|message|>"],
  ["other", "### Instruction:"],
  ["other", ""],
])("%s", (family, template) => {
  expect(familyOf(template)).toBe(family)
})
