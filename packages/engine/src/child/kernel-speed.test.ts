// The measurement of kernels runs, with a tiny model in this very process. How fast they are is no matter of a test.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildTinyModel } from "@fireside/gguf/testing"
import { afterAll, beforeAll, expect, test } from "vitest"
import { kernelSpeed } from "./kernel-speed.ts"
import { loadLibrary, type NativeLibrary } from "./native/library.ts"
import { locateLibraries } from "./native/library-folder.ts"

let folder: string
let library: NativeLibrary
beforeAll(() => {
  library = loadLibrary(locateLibraries())
  folder = mkdtempSync(join(tmpdir(), "fireside-kernels-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each(["Q4_0", "Q8_0", "F16"] as const)("%s has a speed for prompts and one for answers", (type) => {
  const path = join(folder, `${type}.gguf`)
  writeFileSync(path, buildTinyModel({ type }))
  const { prefillRowsPerSecond, decodeRowsPerSecond } = kernelSpeed(library, { path, rows: 16 })
  for (const speed of [prefillRowsPerSecond, decodeRowsPerSecond]) {
    expect(Number.isFinite(speed)).toBe(true)
    expect(speed).toBeGreaterThan(0)
  }
})

test("a file that is no model is named as one", () => {
  const path = join(folder, "none.gguf")
  writeFileSync(path, "GGUF")
  expect(() => kernelSpeed(library, { path, rows: 16 })).toThrow(
    expect.objectContaining({ code: "load-failed" }) as Error,
  )
})

test("a prompt of one row is measured too", () => {
  const path = join(folder, "rows.gguf")
  writeFileSync(path, buildTinyModel({ type: "Q8_0" }))
  expect(kernelSpeed(library, { path, rows: 1 }).prefillRowsPerSecond).toBeGreaterThan(0)
})
