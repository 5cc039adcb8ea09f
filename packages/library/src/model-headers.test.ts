import { chmod, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildTinyModel } from "@fireside/gguf/testing"
import { afterEach, beforeEach, expect, test } from "vitest"
import { readModelFile } from "./model-file.ts"
import { createModelHeaders, type ModelHeaders } from "./model-headers.ts"

let folder = ""
let headers: ModelHeaders
let reads = 0
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fireside-headers-"))
  reads = 0
  headers = createModelHeaders((...given) => {
    reads += 1
    return readModelFile(...given)
  })
})
afterEach(() => rm(folder, { recursive: true }))

const weights = { role: "weights" } as const
async function model(name: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, buildTinyModel())
  return path
}

test("a file is read once while it stays as it is, and again when it does not", async () => {
  const path = await model("a.gguf")
  const first = await headers.header(path, weights)
  expect(await headers.header(path, weights)).toBe(first)
  await utimes(path, 1, 1)
  expect(await headers.header(path, weights)).not.toBe(first)
  await rename(await model("b.gguf"), path)
  await headers.header(path, weights)
  expect(reads).toBe(3)
})

test("a file that turned bad is refused though it was good", async () => {
  const path = await model("a.gguf")
  await headers.header(path, weights)
  await writeFile(path, "GGUF and nothing")
  await expect(headers.header(path, weights)).rejects.toMatchObject({ code: "bad-model-file" })
  await chmod(path, 0o600)
  await rm(path)
  await expect(headers.header(path, weights)).rejects.toMatchObject({ code: "not-found" })
})

test("a link is no plain file, whatever was kept of its target", async () => {
  const path = await model("a.gguf")
  await headers.header(path, weights)
  const link = join(folder, "link.gguf")
  await symlink(path, link)
  await expect(headers.header(link, weights)).rejects.toBeDefined()
  await expect(headers.header(link, { ...weights, followLinks: true })).resolves.toBeDefined()
})

test("few headers are kept, the one used longest ago goes; facts of many", async () => {
  const paths = await Promise.all(["a", "b", "c", "d"].map((name) => model(`${name}.gguf`)))
  const [a = "", b = "", c = "", d = ""] = paths
  for (const path of [a, b, c, a, d]) await headers.header(path, weights)
  expect(reads).toBe(4)
  await headers.header(a, weights)
  expect(reads).toBe(4)
  await headers.header(b, weights)
  expect(reads).toBe(5)
  for (const path of [...paths, ...paths]) await headers.facts(path, weights)
  expect(reads).toBe(9)
})
