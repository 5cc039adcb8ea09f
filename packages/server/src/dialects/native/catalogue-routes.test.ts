import { afterEach, beforeEach, expect, test } from "vitest"
import { createNativeWorld, type NativeWorld } from "./call-native.fixture.ts"

let world: NativeWorld
beforeEach(async () => {
  world = await createNativeWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

test("the welcome names the machine and what would suit it", async () => {
  expect(await world.call("welcome")).toMatchObject({
    body: {
      hardware: { physicalCores: 2 },
      candidates: [{ entry: { name: "tiny:1m" }, expectedTokensPerSecond: 20, fit: { label: "fits" } }],
      reason: "It is the first.",
    },
  })
})

test("a search says of each match whether it is here and whether it fits", async () => {
  const asked: unknown[] = []
  const { search } = world.library
  world.library.search = async (query, options, signal) => {
    asked.push([query, options])
    return search(query, options, signal)
  }
  expect(await world.call("catalogue?query=large&remote=true")).toMatchObject({
    body: [
      {
        name: "large:1b",
        installed: false,
        licence: { name: "Community", permissive: false },
        sources: ["hf:example/large"],
        fit: {
          label: "fits",
          neededBytes: 2_000_000,
          availableBytes: 8_000_000,
          expectedTokensPerSecond: 20,
        },
      },
    ],
  })
  expect(await world.call("catalogue")).toMatchObject({ body: [{ name: "tiny:1m" }, { name: "large:1b" }] })
  expect(asked).toEqual([
    ["large", { remote: true }],
    ["", { remote: false }],
  ])
})

test("what cannot be asked is refused by name", async () => {
  await expect(world.call("catalogue?remote=perhaps")).rejects.toMatchObject({ details: { field: "remote" } })
  await expect(world.call(`catalogue?query=${"x".repeat(513)}`)).rejects.toMatchObject({
    details: { field: "query" },
  })
})
