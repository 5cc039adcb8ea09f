import type { Model, Prompt } from "@fireside/engine"
import { describe, expect, test } from "vitest"
import { createInsertedSystem } from "./inserted-system.ts"
import { createFakeEngine, PLAN } from "./testing.ts"

const never = new AbortController().signal

async function withTemplate(
  template: (system: string | undefined, user: string) => string,
): Promise<{ model: Model; renders: () => number }> {
  let renders = 0
  const model = await createFakeEngine().load({ name: "m", path: "" }, PLAN, never)
  return {
    renders: () => renders,
    model: {
      ...model,
      async render(prompt: Prompt) {
        renders += 1
        if (prompt.type !== "chat") throw new Error("not a chat")
        const find = (role: string) => prompt.messages.find((it) => it.role === role)?.content
        return {
          text: template(find("system"), find("user") ?? ""),
          tokens: [],
          fromTemplate: [],
          kinds: [],
          ends: [],
        }
      },
    },
  }
}

describe("a system text that the template inserts", () => {
  test("is found where the request's own would stand", async () => {
    const { model } = await withTemplate(
      (system = "You are a helpful AI assistant named SmolLM", user) =>
        `<|im_start|>system\n${system}<|im_end|>\n<|im_start|>user\n${user}<|im_end|>\n`,
    )
    expect(await createInsertedSystem().find(model, never)).toBe(
      "You are a helpful AI assistant named SmolLM",
    )
  })

  test.each([
    [
      "a template without one",
      (system: string | undefined, user: string) =>
        `${system === undefined ? "" : `<s>${system}</s>`}<u>${user}</u>`,
    ],
    ["an empty one", (system: string | undefined, user: string) => `<s>${system ?? ""}</s><u>${user}</u>`],
    [
      "a system text put into the user's turn",
      (system: string | undefined, user: string) =>
        `<u>${system === undefined ? "" : `${system}\n\n`}${user}</u>`,
    ],
    ["a template that leaves it out", (_: string | undefined, user: string) => `<u>${user}</u>`],
  ])("%s is none", async (_, template) => {
    const { model } = await withTemplate(template)
    expect(await createInsertedSystem().find(model, never)).toBeUndefined()
  })

  test("is looked for once and told once", async () => {
    const { model, renders } = await withTemplate((system = "Own.", user) => `<s>${system}</s><u>${user}</u>`)
    const inserted = createInsertedSystem()
    expect(await inserted.findUntold(model, never)).toBe("Own.")
    expect(await inserted.findUntold(model, never)).toBeUndefined()
    expect(await inserted.find(model, never)).toBe("Own.")
    expect(renders()).toBe(2)
  })
})
