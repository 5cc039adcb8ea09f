import { HardwareFacts } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import { filesOf, LAPTOP } from "./hardware/hardware-fixture.ts"
import { readHardware } from "./hardware.ts"
import { createTemporaryHome, type TemporaryHome } from "./testing.ts"

let home: TemporaryHome
beforeEach(async () => {
  home = await createTemporaryHome()
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
})

test("this machine gives facts of the promised shape", async () => {
  const facts = HardwareFacts.parse(await readHardware(home.paths.blobs))
  expect(facts.usableCpus.length).toBeGreaterThan(0)
  expect(facts.totalMemoryBytes).toBeGreaterThan(0)
  expect(facts.availableMemoryBytes).toBeLessThanOrEqual(facts.memoryLimitBytes)
  expect(facts.diskFreeBytes).toBeGreaterThan(0)
  expect(facts.devices).toEqual([])
})

test("another machine by its files", async () => {
  const facts = await readHardware(`${home.paths.home}/not/yet`, {
    platform: "linux",
    arch: "arm64",
    files: filesOf(LAPTOP),
  })
  expect(HardwareFacts.parse(facts)).toMatchObject({ platform: "linux", arch: "arm64", physicalCores: 4 })
})
