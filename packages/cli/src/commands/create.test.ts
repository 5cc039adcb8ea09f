import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { CreateRequest } from "@fireside/app"
import { createFakeLibrary, type FakeLibrary, fakeStored } from "@fireside/app/testing"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { call } from "../testing.ts"

let home = ""
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "fireside-cli-"))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})

const lines = (text: string): unknown[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown)

async function put(name: string, text: string): Promise<string> {
  const path = join(home, name)
  await mkdir(join(path, ".."), { recursive: true })
  await writeFile(path, text)
  return path
}

/** A library that keeps what it was asked to make. */
function recording(library: FakeLibrary): CreateRequest[] {
  const requests: CreateRequest[] = []
  const { create } = library
  library.create = (request, signal) => {
    requests.push(request)
    return create(request, signal)
  }
  return requests
}

describe("create", () => {
  test("makes what the file says and tells what it left aside", async () => {
    const library = createFakeLibrary([fakeStored()])
    const file = await put(
      "Mario",
      "FROM tiny\nSYSTEM You are Mario.\nPARAMETER num_ctx 512\nPARAMETER num_gpu 1\n",
    )
    const { exitCode, out, err } = await call(["create", "mario", "-f", file], { parts: { home, library } })
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: "" })
    expect(err).toContain("Line 4: num_gpu is left aside")
    expect(err).toContain("✓ mario is ready (aaaaaaaaaaaa)")
    expect(library.models.get("mario")).toMatchObject({ system: "You are Mario.", contextLength: 512 })
  })

  test("--json gives notices and events, and nothing beside them", async () => {
    const library = createFakeLibrary([fakeStored()])
    const file = await put("m", "FROM tiny\nREQUIRES 1\n")
    const { exitCode, out, err } = await call(["create", "m", "-f", file, "--json"], {
      parts: { home, library },
    })
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" })
    expect(lines(out)).toMatchObject([
      { type: "notice", message: expect.stringContaining("Line 2") },
      { type: "finish", name: "m", digest: `sha256:${"a".repeat(64)}` },
    ])
  })

  test("paths are meant from the file's folder, or from here", async () => {
    const library = createFakeLibrary([fakeStored({ name: join(home, "sub", "w.gguf") })])
    const requests = recording(library)
    const file = await put("sub/Modelfile", "FROM ./w.gguf\nADAPTER ../a.gguf\n")
    await call(["create", "m", "--file", file], { parts: { home, library } })
    expect(requests).toMatchObject([{ from: join(home, "sub", "w.gguf"), adapters: [join(home, "a.gguf")] }])
    await call(["create", "m", "-f", "-"], { parts: { home, library }, input: "FROM ./w.gguf\n" })
    expect(requests[1]).toMatchObject({ from: join(process.cwd(), "w.gguf") })
  })

  test("a base of the catalogue that is missing is pulled first, with its licence shown", async () => {
    const library = createFakeLibrary([])
    const { exitCode, err } = await call(["create", "m", "-f", "-"], {
      parts: { home, library },
      input: "FROM tiny:1m\n",
    })
    expect({ exitCode, pulled: library.pulled }).toEqual({ exitCode: 0, pulled: ["tiny:1m"] })
    expect(err).toContain("Apache-2.0")
    const refused = await call(["create", "m", "-f", "-"], {
      parts: { home, library },
      input: "FROM large:1b\n",
    })
    expect(refused).toMatchObject({ exitCode: 78, err: expect.stringContaining("--accept-licence") })
    const accepted = await call(["create", "m", "-f", "-", "--accept-licence"], {
      parts: { home, library },
      input: "FROM large:1b\n",
    })
    expect(accepted.exitCode).toBe(0)
  })

  test("a wrong line and a missing file are said, exit 2", async () => {
    const library = createFakeLibrary([fakeStored()])
    const wrong = await call(["create", "m", "-f", "-"], {
      parts: { home, library },
      input: "FROM tiny\nPARAMETER temprature 1\n",
    })
    expect(wrong).toMatchObject({
      exitCode: 2,
      err: 'error: Line 2 of the Modelfile: there is no parameter "temprature".\nDid you mean temperature?\n',
    })
    const missing = await call(["create", "m", "-f", join(home, "none")], { parts: { home, library } })
    expect(missing).toMatchObject({ exitCode: 2, err: expect.stringContaining("There is no file") })
  })

  test("show --modelfile gives what create takes", async () => {
    const library = createFakeLibrary([
      fakeStored({}, { system: "Two\nlines", sampling: { topK: 3 }, stop: ["\u001b["], maxTokens: 9 }),
    ])
    const own = { parts: { home, library } }
    const { out } = await call(["show", "tiny", "--modelfile"], own)
    expect((await call(["create", "again", "-f", "-"], { ...own, input: out })).exitCode).toBe(0)
    const { summary: _summary, ...made } = library.models.get("again") ?? fakeStored()
    const { summary: _base, ...base } = library.models.get("tiny:latest") ?? fakeStored()
    expect(made).toEqual(base)
    expect(lines((await call(["show", "tiny", "--modelfile", "--json"], own)).out)).toEqual([
      { modelfile: out },
    ])
  })
})
