import { fakeJob } from "@fireside/app/testing"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createNativeWorld, type NativeWorld } from "./call-native.fixture.ts"

let world: NativeWorld
beforeEach(async () => {
  world = await createNativeWorld()
})
afterEach(async () => {
  await world[Symbol.asyncDispose]()
})

test("a pull goes on as fast as the body says, which may be left out", async () => {
  const job = fakeJob()
  const asked: unknown[] = []
  world.app.jobs.resume = async (...call) => {
    asked.push(call)
    return job
  }
  const resume = (body: object) => world.call("jobs/7/resume", { method: "POST", body })
  const limited = { limitBytesPerSecond: 2_000_000 }
  for (const body of [limited, {}]) expect(await resume(body)).toMatchObject({ body: job })
  expect(asked).toEqual([
    ["7", limited],
    ["7", {}],
  ])
  await expect(resume({ limitBytesPerSecond: 3 })).rejects.toMatchObject({
    code: "bad-request",
    details: { field: "limitBytesPerSecond" },
  })
})

test("a job without its part is refused by name", async () => {
  await expect(world.call("jobs", { body: { type: "pull" } })).rejects.toMatchObject({
    details: { field: "pull" },
  })
})
