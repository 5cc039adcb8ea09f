import { expect, test } from "vitest"
import { createFakeApp } from "../testing.ts"
import { temporaryLabel } from "./temporary-label.ts"

const never = new AbortController().signal

test("a chat that leaves nothing says so to the engine, and is forgotten by its owner only", async () => {
  await using world = await createFakeApp()
  const options: object[] = []
  const load = world.engine.load.bind(world.engine)
  const forgotten: object[] = []
  world.engine.load = async (...given) => {
    const model = await load(...given)
    const generate = model.generate.bind(model)
    return Object.assign(Object.create(model) as typeof model, {
      generate: (...asked: Parameters<typeof generate>) => {
        options.push(asked[1])
        return generate(...asked)
      },
      forget: (wish: object) => void forgotten.push(wish),
    })
  }
  const request = { model: "tiny", messages: [{ role: "user" as const, content: "hello" }] }
  await Array.fromAsync(world.app.chat(request, { temporary: "t1", owner: "key-1" }, never))
  await Array.fromAsync(world.app.chat(request, { cacheLabel: "conversation" }, never))
  const label = temporaryLabel("t1", "key-1")
  expect(options[0]).toMatchObject({ cacheLabel: label, cacheOnDisk: false, cacheOwner: "key-1" })
  expect(options[1]).toMatchObject({ cacheLabel: "conversation" })
  expect(options[1]).not.toHaveProperty("cacheOnDisk")
  await world.app.prefixes.endTemporary("t1", "key-1")
  expect(forgotten).toEqual([{ type: "label", label }])
  expect(temporaryLabel("t1", "local")).not.toBe(label)
})
