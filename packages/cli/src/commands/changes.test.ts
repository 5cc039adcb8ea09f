import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createFakeLibrary, type FakeLibrary, fakeStored } from "@fireside/app/testing"
import { AppError } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { call, startCall } from "../testing.ts"

let home = ""
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "fireside-cli-"))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})
const json = (text: string): unknown => JSON.parse(text)
const lines = (text: string): unknown[] => text.trim().split("\n").map(json)

describe("changes", () => {
  test("pull shows offer and progress, and gives events for programs", async () => {
    const library = createFakeLibrary()
    const { exitCode, out, err } = await call(["pull", "tiny:1m"], { parts: { home, library } })
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: "" })
    expect(err).toContain("weights.gguf 50% (5 B of 10 B · 5 B/s · 1 s left)")
    expect(err).toContain("tiny:1m is ready")
    const machine = await call(["pull", "tiny:1m", "--json"], {
      parts: { home, library: createFakeLibrary() },
    })
    expect(lines(machine.out)).toMatchObject([
      { type: "status" },
      { type: "progress", file: "weights.gguf", doneBytes: 5, totalBytes: 10, bytesPerSecond: 5 },
      { type: "progress", doneBytes: 10 },
      { type: "finish", name: "tiny:1m", digest: expect.stringMatching(/^sha256:/) },
    ])
    expect(machine.err).toBe("")
  })

  test("what another program said when it failed is shown with --verbose only", async () => {
    const library: FakeLibrary = {
      ...createFakeLibrary(),
      // biome-ignore lint/correctness/useYield: it fails before anything comes
      async *pull() {
        throw new AppError("model-unavailable", {
          message: "pip could not.",
          details: { output: ["raw words"] },
        })
      },
    }
    const quiet = await call(["pull", "tiny:1m"], { parts: { home, library } })
    expect(quiet.err).toContain("pip could not.")
    expect(quiet.err).not.toContain("raw words")
    expect((await call(["pull", "tiny:1m", "--verbose"], { parts: { home, library } })).err).toContain(
      "raw words",
    )
  })

  test("cp, rm, verify, import, stop", async () => {
    const library = createFakeLibrary([fakeStored()])
    const own = { parts: { home, library } }
    expect(await call(["cp", "tiny", "gpt-4o-mini"], own)).toMatchObject({
      exitCode: 0,
      err: "gpt-4o-mini is now a name of tiny.\n",
    })
    expect(await call(["verify"], own)).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining("✓ gpt-4o-mini"),
    })
    expect(await call(["rm", "gpt-4o-mini", "nobody"], own)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining("Removed gpt-4o-mini"),
    })
    expect(await call(["import", join(home, "My Model.GGUF")], own)).toMatchObject({
      exitCode: 0,
      err: expect.stringContaining("my-model is ready"),
    })
    expect(await call(["stop", "tiny"], own)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining("tiny is not loaded"),
    })
  })

  test("a corrupt model makes verify fail", async () => {
    const library = createFakeLibrary([fakeStored()])
    library.verify = async (name) => ({
      name,
      ok: false,
      digest: "sha256:1",
      message: "it has another digest",
    })
    const { exitCode, out, err } = await call(["verify", "tiny"], { parts: { home, library } })
    expect(exitCode).toBe(1)
    expect(out).toContain("✗ tiny it has another digest")
    expect(err).toContain("fireside pull tiny")
  })
})

describe("fireside alone", () => {
  test("without a terminal and without --yes it names the flag and exits with 78", async () => {
    const { exitCode, err } = await call([], { parts: { home, library: createFakeLibrary() } })
    expect(exitCode).toBe(78)
    expect(err).toContain("--yes")
  })

  test("--yes pulls what fits", async () => {
    const library = createFakeLibrary()
    const { exitCode, err } = await call(["--yes"], { parts: { home, library } })
    expect(exitCode).toBe(0)
    expect(library.pulled).toEqual(["tiny:1m"])
    expect(err).toContain("Test processor · 2 cores · 16 GB of memory")
    expect(err).toContain("tiny:1m is ready")
  })

  test("a chat in the terminal without a model asks once, pulls and chats", async () => {
    const library = createFakeLibrary()
    const running = startCall(["run"], { terminal: true, parts: { home, library } })
    await running.shows("Download it")
    running.type("y")
    await running.shows("Ctrl-D leaves")
    running.type("hello there\r")
    await running.shows("hello there")
    running.type("\x04")
    expect(await running.done).toMatchObject({ exitCode: 0 })
    expect(library.pulled).toEqual(["tiny:1m"])
  })

  test("no is an answer", async () => {
    const library = createFakeLibrary()
    const running = startCall(["run"], { terminal: true, parts: { home, library } })
    await running.shows("Download it")
    running.type("n")
    expect(await running.done).toMatchObject({ exitCode: 130 })
    expect(library.pulled).toEqual([])
  })
})
