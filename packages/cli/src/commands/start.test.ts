import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createFakeLibrary, fakeStored } from "@fireside/app/testing"
import { afterEach, beforeEach, expect, test } from "vitest"
import { call } from "../testing.ts"

let home = ""
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "fireside-cli-"))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})

function elsewhere() {
  const metadata = {
    "tokenizer.chat_template": { type: "string", value: "{{ messages }}", offset: 0 },
  } as const
  const stored = fakeStored({ name: "qwen:7b", metadata })
  return { ...stored, summary: { ...stored.summary, inPlace: true, path: "/store/qwen.gguf" } }
}

test("the first run takes what another program's store has, and downloads nothing", async () => {
  const library = createFakeLibrary([elsewhere()])
  const { exitCode, err } = await call(["--yes"], { parts: { home, library } })
  expect(exitCode).toBe(0)
  expect(err).toMatch(/Already here +qwen:7b/)
  expect(err).toContain("/store/qwen.gguf (read in place)")
  expect(err).toContain("qwen:7b is ready")
  expect(library.pulled).toEqual([])
})

test("without one it proposes a download", async () => {
  const library = createFakeLibrary()
  const { exitCode, err } = await call(["--yes"], { parts: { home, library } })
  expect({ exitCode, pulled: library.pulled }).toEqual({ exitCode: 0, pulled: ["tiny:1m"] })
  expect(err).not.toContain("Already here")
})
