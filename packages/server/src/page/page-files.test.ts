import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { pageFile } from "./page-files.ts"

let outside: string
let folder: string

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), "fireside-page-"))
  folder = join(outside, "web")
  await mkdir(join(folder, "assets"), { recursive: true })
  await writeFile(join(outside, "secret.json"), "{}")
  await writeFile(join(folder, "index.html"), "<p>")
  await writeFile(join(folder, "index.html.gz"), "zipped")
  await writeFile(join(folder, "assets", "main-1.js"), "1")
  await writeFile(join(folder, "assets", "main-1.js.gz"), "zipped")
  await writeFile(join(folder, ".hidden.json"), "{}")
  await writeFile(join(folder, "notes.exe"), "x")
})

afterAll(() => rm(outside, { recursive: true }))

const read = async (name: string, acceptsGzip = false) => {
  const file = await pageFile({ name, acceptsGzip }, folder)
  return file && { ...file, bytes: Buffer.from(file.bytes).toString() }
}

test("a file comes with its type; what has a hash in its name may be kept", async () => {
  expect(await read("index.html", true)).toEqual({
    bytes: "<p>",
    contentType: "text/html; charset=utf-8",
    isImmutable: false,
    isCompressed: false,
  })
  expect(await read("assets/main-1.js")).toMatchObject({ bytes: "1", isImmutable: true, isCompressed: false })
  expect(await read("assets/main-1.js", true)).toMatchObject({ bytes: "zipped", isCompressed: true })
})

test.each([
  "../secret.json",
  "assets/../../secret.json",
  "assets/..%2f..%2fsecret.json",
  "..\\secret.json",
  ".hidden.json",
  "assets",
  "assets/",
  "notes.exe",
  "",
  "missing.json",
  "assets/missing.js",
  "/etc/passwd",
])("%j is no file of the page", async (name) => {
  expect(await read(name)).toBeUndefined()
})
