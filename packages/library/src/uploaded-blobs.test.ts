// Blobs that clients upload: kept under their digest or not at all, and not for ever.
import { createHash } from "node:crypto"
import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { buildTinyAdapter, buildTinyModel } from "@fireside/gguf/testing"
import { HTTP_LIMITS } from "@fireside/protocol"
import { afterEach, beforeEach, expect, it } from "vitest"
import { failure } from "./testing/failure.ts"
import { collect, never, openTestLibrary, type TestLibrary } from "./testing/test-library.ts"
import { pieces, uploadBlob } from "./testing/upload-blob.ts"

const MODEL = buildTinyModel({ type: "Q4_0" })
const OTHER = buildTinyModel({ type: "Q8_0", seed: 2 })
const ADAPTER = buildTinyAdapter({})
const sha = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

let test: TestLibrary
const stored = (): Promise<readonly string[]> => readdir(test.paths.blobs)

beforeEach(async () => {
  test = await openTestLibrary()
})
afterEach(async () => {
  await test[Symbol.asyncDispose]()
})

it("are kept when they are what their name says", async () => {
  expect(await test.library.hasBlob(`sha256:${sha(MODEL)}`)).toBe(false)
  await uploadBlob(test.library, MODEL)
  expect(await test.library.hasBlob(`sha256:${sha(MODEL)}`)).toBe(true)
  expect(await test.library.hasBlob(`sha256-${sha(MODEL)}`)).toBe(true)
  const path = join(test.paths.blobs, `sha256-${sha(MODEL)}`)
  expect(sha(await readFile(path))).toBe(sha(MODEL))
  // A second time changes nothing.
  await uploadBlob(test.library, MODEL)
  expect(await stored()).toHaveLength(1)
})

it("are thrown away when they are not, or when the sender leaves", async () => {
  const error = await failure(uploadBlob(test.library, MODEL, `sha256:${sha(OTHER)}`))
  expect([error.code, error.details]).toEqual([
    "digest-mismatch",
    { expected: sha(OTHER), actual: sha(MODEL) },
  ])
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield MODEL.subarray(0, 1_000)
    throw new Error("the connection broke")
  }
  await expect(test.library.putBlob(`sha256:${sha(MODEL)}`, broken(), never)).rejects.toThrow("broke")
  await expect(
    test.library.putBlob(`sha256:${sha(MODEL)}`, pieces(MODEL), AbortSignal.abort()),
  ).rejects.toMatchObject({ name: "AbortError" })
  expect(await stored()).toEqual([])
  expect(await readdir(test.paths.downloads)).toEqual([])
})

it("have a digest and nothing else for a name", async () => {
  for (const digest of [
    "",
    "sha256:",
    `sha256:${sha("x").toUpperCase()}`,
    `sha256:${sha("x")}0`,
    "sha256-../x",
  ]) {
    expect((await failure(test.library.hasBlob(digest))).code).toBe("bad-request")
    expect((await failure(test.library.putBlob(digest, pieces(MODEL), never))).code).toBe("bad-request")
  }
})

it("end where the disk or the limit ends, with the numbers", async () => {
  const small = test.open({ diskSpace: async () => ({ freeBytes: 1_000_000, totalBytes: 2_000_000 }) })
  const full = await failure(small.putBlob(`sha256:${sha(MODEL)}`, pieces(MODEL), never))
  expect([full.code, full.details.freeBytes]).toEqual(["disk-full", 1_000_000])
  expect(full.hint).toBe("Free some room and send the file again.")
  async function* endless(): AsyncGenerator<Uint8Array> {
    // Only its length is looked at before it is refused.
    yield Object.defineProperty(new Uint8Array(0), "length", { value: HTTP_LIMITS.blobBytes + 1 })
  }
  const large = await failure(test.library.putBlob(`sha256:${sha(MODEL)}`, endless(), never))
  expect([large.code, large.details.limit]).toEqual(["body-too-large", HTTP_LIMITS.blobBytes])
  expect(await stored()).toEqual([])
})

it("that nothing uses go after a day", async () => {
  const path = join(test.folder, "base.gguf")
  await writeFile(path, MODEL)
  await collect(test.library.importFile(path, "base", never))
  await uploadBlob(test.library, OTHER)
  test.clock.advance(23 * 3_600_000)
  await uploadBlob(test.library, ADAPTER)
  expect(await stored()).toHaveLength(3)
  test.clock.advance(2 * 3_600_000)
  await collect(test.library.create({ name: "mine", from: "base" }, never))
  expect(await stored()).toEqual([`sha256-${sha(MODEL)}`])
  await uploadBlob(test.library, OTHER)
  test.clock.advance(25 * 3_600_000)
  await uploadBlob(test.library, ADAPTER)
  expect(await test.library.hasBlob(`sha256:${sha(OTHER)}`)).toBe(false)
})
