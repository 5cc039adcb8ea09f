// Removing models: what goes with them, what can be had back, and what happens when its day is over.
import { mkdir, readdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { writePrefixFile } from "@fireside/engine/testing"
import { layoutOf } from "@fireside/host"
import { AppError } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { identityOf } from "./prefixes/prefix-cache-for.ts"
import { createFakeApp, createFakeLibrary, type FakeApp, fakeStored } from "./testing.ts"

const DAY_MS = 24 * 3_600_000
const hash = (digit: string): string => `sha256-${digit.repeat(64)}`

/** A model whose weights are a blob, so that what is computed for it bears its name. */
async function addModel(world: FakeApp, name: string, digit: string): Promise<void> {
  const { blobs } = layoutOf(world.home)
  const path = join(blobs, hash(digit))
  await mkdir(blobs, { recursive: true })
  await writeFile(path, "weights")
  const stored = fakeStored({ name })
  world.library.models.set(name, { ...stored, path, summary: { ...stored.summary, path } })
}

const prefixes = async (world: FakeApp): Promise<number> =>
  (await readdir(layoutOf(world.home).prefixes, { recursive: true })).filter((name) => name.endsWith(".kv"))
    .length

describe("what was computed for a model", () => {
  test("goes when it is removed for good, pinned or not; of others it stays", async () => {
    await using world = await createFakeApp()
    const { prefixes: folder } = layoutOf(world.home)
    await addModel(world, "gone:1b", "a")
    await addModel(world, "stays:1b", "b")
    const file = join(world.home, "by-path.gguf")
    await writeFile(file, "weights")
    await writePrefixFile(folder, { identity: hash("a") })
    await writePrefixFile(folder, { identity: hash("a"), pinned: true })
    await writePrefixFile(folder, { identity: hash("b") })
    await writePrefixFile(folder, { identity: (await identityOf(file)) ?? "" })
    expect(await prefixes(world)).toBe(4)
    // The fake library knows no files: the blob goes as the real one's does.
    await rm(join(layoutOf(world.home).blobs, hash("a")))
    await world.app.models.remove("gone:1b")
    expect((await world.app.prefixes.status()).models.map(({ model }) => model)).toEqual(
      expect.arrayContaining(["stays:1b"]),
    )
    expect(await prefixes(world)).toBe(2)
    await writeFile(file, "other weights")
    await world.app.prefixes.forgetGone()
    expect(await prefixes(world)).toBe(1)
  })

  test("waits with it while the removal can be taken back", async () => {
    await using world = await createFakeApp()
    await addModel(world, "mine:1b", "a")
    await writePrefixFile(layoutOf(world.home).prefixes, { identity: hash("a") })
    await world.app.models.remove("mine:1b", { undoable: true })
    expect(await prefixes(world)).toBe(1)
    expect(await world.app.models.removed()).toMatchObject([{ name: "mine:1b" }])
    expect(await world.app.models.restore("mine:1b")).toEqual({ name: "mine:1b" })
    expect(world.library.models.has("mine:1b")).toBe(true)
  })
})

test("when the day is over it goes by itself, and nothing waits after the app is closed", async () => {
  const library = createFakeLibrary([fakeStored()])
  const world = await createFakeApp({ library })
  let swept = 0
  library.sweep = async () => {
    swept += 1
    return 0
  }
  library.removed = async () => [
    {
      name: "tiny:latest",
      sizeBytes: 1,
      removedAt: new Date(world.clock.now()).toISOString(),
      restorableUntil: new Date(world.clock.now() + DAY_MS).toISOString(),
    },
  ]
  await world.app.models.remove("tiny", { undoable: true })
  expect([swept, world.clock.pendingTimers()]).toEqual([1, 1])
  world.clock.advance(DAY_MS - 1)
  expect(swept).toBe(1)
  world.clock.advance(1)
  await expect.poll(() => swept).toBe(2)
  await expect.poll(() => world.clock.pendingTimers()).toBe(1)
  await world[Symbol.asyncDispose]()
  expect(world.clock.pendingTimers()).toBe(0)
})

test("what is left of a model that is not there is removed all the same", async () => {
  await using world = await createFakeApp()
  const removed: string[] = []
  world.library.remove = async (name) => {
    removed.push(name)
    return { freedBytes: 5 }
  }
  expect(await world.app.models.remove("never-whole:1b")).toEqual({ freedBytes: 5 })
  expect(removed).toEqual(["never-whole:1b"])
})

test("an error of the library comes through", async () => {
  await using world = await createFakeApp()
  world.library.restore = async () => {
    throw new AppError("already-exists", { message: "Taken." })
  }
  await expect(world.app.models.restore("tiny")).rejects.toMatchObject({ code: "already-exists" })
})
