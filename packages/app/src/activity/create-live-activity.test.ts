import { createFakeClock } from "@fireside/host/testing"
import { collect } from "@fireside/protocol"
import { expect, test } from "vitest"
import { createFakeApp, createFakeParts, HARDWARE } from "../testing.ts"
import { createLiveActivity } from "./create-live-activity.ts"

const never = new AbortController().signal

test("the share of the processors is what was used between two looks", async () => {
  const clock = createFakeClock()
  let times = { busyMs: 500, wholeMs: 1_000 }
  const look = createLiveActivity({
    parts: { ...createFakeParts({ clock }), processorTimes: () => times },
    activity: () => ({ running: 1, waiting: 2, capacity: 3, models: [] }),
    speeds: { follow: (events) => events, of: () => null },
  })
  expect((await look()).processorShare).toBeNull()
  clock.advance(1_000)
  times = { busyMs: 750, wholeMs: 2_000 }
  expect(await look()).toMatchObject({
    processorShare: 0.25,
    processors: 2,
    memory: {
      totalBytes: HARDWARE.totalMemoryBytes,
      availableBytes: HARDWARE.availableMemoryBytes,
      limitBytes: HARDWARE.memoryLimitBytes,
    },
    queue: { running: 1, waiting: 2, capacity: 3 },
  })
  // A second page that asks a moment later does not make the window short.
  clock.advance(100)
  times = { busyMs: 850, wholeMs: 2_100 }
  expect((await look()).processorShare).toBe(0.25)
  clock.advance(1_000)
  times = { busyMs: 0, wholeMs: 0 }
  expect((await look()).processorShare).toBeNull()
})

test("the machine is looked at once a second at most, and again after a failure", async () => {
  const clock = createFakeClock()
  let looks = 0
  let isBroken = true
  const look = createLiveActivity({
    parts: {
      ...createFakeParts({ clock }),
      hardware: async () => {
        looks += 1
        if (isBroken) throw new Error("no such file")
        return HARDWARE
      },
    },
    activity: () => ({ running: 0, waiting: 0, capacity: 1, models: [] }),
    speeds: { follow: (events) => events, of: () => null },
  })
  await expect(look()).rejects.toThrow("no such file")
  isBroken = false
  await look()
  await look()
  expect(looks).toBe(2)
  clock.advance(1_000)
  await look()
  expect(looks).toBe(3)
})

test("a model that writes has its speed", async () => {
  await using world = await createFakeApp()
  const { app, clock } = world
  const messages = [{ role: "user" as const, content: "one two three" }]
  await collect(app.chat({ model: "tiny", messages }, {}, never))
  expect((await app.liveActivity()).models).toEqual([
    { name: "tiny:latest", streams: 0, queued: 0, memoryBytes: 3, tokensPerSecond: 3 },
  ])
  clock.advance(10_000)
  expect((await app.liveActivity()).models).toMatchObject([{ tokensPerSecond: null }])
})
