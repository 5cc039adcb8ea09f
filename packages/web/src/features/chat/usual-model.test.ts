import type { ModelSummary, Setting } from "@fireside/protocol"
import { expect, test } from "vitest"
import { usualModel } from "./usual-model.ts"

const model = (name: string, problem?: string) => ({ name, problem }) as ModelSummary
const ECHO = [{ key: "engine", value: "echo" }] as Setting[]

test("one in memory answers, else the first that can be used", () => {
  const models = [model("broken", "cut"), model("a"), model("b")]
  expect(usualModel(models, [], new Set(["b", "broken"]))).toBe("b")
  expect(usualModel(models, [])).toBe("a")
})

test("without any there is none, but for the engine that needs none", () => {
  expect(usualModel([model("broken", "cut")], [])).toBe("")
  expect(usualModel([], ECHO)).toBe("echo")
  expect(usualModel([model("a")], ECHO)).toBe("a")
})
