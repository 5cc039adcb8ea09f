// A removal that can be taken back: what stays, for how long, and what goes then.
import { createHash } from "node:crypto"
import { readdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { buildTinyModel } from "@fireside/gguf/testing"
import { DOWNLOAD_LIMITS } from "@fireside/protocol"
import { afterEach, beforeEach, expect, it } from "vitest"
import type { Library } from "./library.ts"
import { failure } from "./testing/failure.ts"
import { collect, never, openTestLibrary, type TestLibrary } from "./testing/test-library.ts"

const MODEL = buildTinyModel({ type: "Q4_0" })
const OTHER = buildTinyModel({ type: "Q8_0", seed: 2 })
const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
const blobOf = (bytes: Uint8Array): string => `sha256-${sha(bytes)}`
const DAY_MS = DOWNLOAD_LIMITS.removedModelMaxAgeMs

let test: TestLibrary
let library: Library
beforeEach(async () => {
  test = await openTestLibrary()
  library = test.library
})
afterEach(() => test[Symbol.asyncDispose]())

async function importModel(name: string, bytes: Uint8Array = MODEL): Promise<void> {
  const path = join(test.folder, "file.gguf")
  await writeFile(path, bytes)
  await collect(library.importFile(path, name, never))
}
const blobs = (): Promise<string[]> => readdir(test.paths.blobs)

it("keeps the blobs and hides the name; taken back, everything is as it was", async () => {
  await importModel("mine")
  const before = await library.resolve("mine")
  const until = new Date(test.clock.now() + DAY_MS).toISOString()
  expect(await library.remove("mine", { undoable: true })).toEqual({
    freedBytes: 0,
    held: { bytes: MODEL.length, until },
  })
  expect(await library.list()).toEqual([])
  expect((await failure(library.resolve("mine"))).code).toBe("model-not-found")
  expect(await library.removed()).toMatchObject([
    { name: "mine:latest", sizeBytes: MODEL.length, restorableUntil: until },
  ])
  expect(await library.restore("MINE")).toEqual({ name: "mine:latest" })
  expect((await library.resolve("mine")).summary).toEqual(before.summary)
  expect(await library.removed()).toEqual([])
  expect((await failure(library.restore("mine"))).code).toBe("not-found")
})

it("nothing that is done meanwhile takes the blobs", async () => {
  await importModel("mine")
  await library.copy("mine", "second")
  expect((await library.remove("mine", { undoable: true })).held?.bytes).toBe(0)
  // The last name goes for good, and the one that waits still needs the file.
  expect(await library.remove("second")).toEqual({ freedBytes: 0 })
  await importModel("other", OTHER)
  test.clock.advance(DAY_MS / 2)
  await library.putBlob(`sha256:${createHash("sha256").update("x").digest("hex")}`, bytesOf("x"), never)
  expect(await library.sweep()).toBe(0)
  await library.restore("mine")
  expect(await library.verify("mine", never)).toMatchObject({ ok: true })
})

it("goes for good after a day", async () => {
  await importModel("mine")
  await importModel("other", OTHER)
  await library.remove("mine", { undoable: true })
  test.clock.advance(DAY_MS)
  expect(await library.removed()).toEqual([])
  expect(await library.sweep()).toBe(1)
  expect(await blobs()).toEqual([blobOf(OTHER)])
  expect((await failure(library.restore("mine"))).code).toBe("not-found")
})

it("goes before its time when it is removed once more", async () => {
  await importModel("mine")
  await library.remove("mine", { undoable: true })
  expect((await failure(library.remove("mine", { undoable: true }))).code).toBe("model-not-found")
  expect(await library.remove("mine")).toEqual({ freedBytes: MODEL.length })
  expect(await blobs()).toEqual([])
})

it("of two removals under one name the newer can be had back", async () => {
  await importModel("mine")
  await library.remove("mine", { undoable: true })
  await importModel("mine", OTHER)
  expect((await failure(library.restore("mine"))).code).toBe("already-exists")
  await library.remove("mine", { undoable: true })
  expect(await blobs()).toEqual([blobOf(OTHER)])
  await library.restore("mine")
  expect((await library.resolve("mine")).summary.digest).toBe(`sha256:${sha(OTHER)}`)
})

it("what is damaged is no model again, and goes with the next that is swept", async () => {
  await importModel("mine")
  await library.remove("mine", { undoable: true })
  await writeFile(join(test.paths.removed, "local/library/mine/latest.json"), `junk ${sha(MODEL)}`)
  expect(await library.removed()).toEqual([])
  expect((await failure(library.restore("mine"))).code).toBe("not-found")
  expect(await blobs()).toEqual([])
})

it("a model whose file was lost meanwhile is not promised", async () => {
  await importModel("mine")
  await library.remove("mine", { undoable: true })
  await writeFile(join(test.paths.blobs, `${blobOf(MODEL)}.corrupt`), "")
  expect((await failure(library.restore("mine"))).code).toBe("corrupt-data")
  expect(await library.removed()).toHaveLength(1)
})

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
