// `fireside cache`: what is said, and what is asked of the app.
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type App, createApp, type Prefixes } from "@fireside/app"
import { createFakeParts } from "@fireside/app/testing"
import { createFakeClock, createTemporaryHome, type TemporaryHome } from "@fireside/host/testing"
import { AppError, REQUEST_LIMITS } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { call } from "../testing.ts"

const STATUS = {
  diskBytes: 4_000_000,
  memoryBytes: 50,
  usedBytes: 1_500_000,
  models: [{ model: "tiny:latest", prefixes: 2, tokens: 300, bytes: 1_500_000 }],
  pins: [{ name: "rules.txt", model: "tiny:latest", tokens: 100, bytes: 500_000 }],
}

let home: TemporaryHome
let asked: unknown[]
let app: App
let status: typeof STATUS
beforeEach(async () => {
  home = await createTemporaryHome()
  asked = []
  status = STATUS
  const prefixes: Prefixes = {
    status: async () => status,
    async clear(wish) {
      asked.push(wish)
      return { files: 2, bytes: 1_500_000 }
    },
    async pin(wish) {
      asked.push(wish)
      return { name: wish.name, model: "tiny:latest", tokens: 12, bytes: 3_400 }
    },
    async unpin(name) {
      if (name !== "rules.txt")
        throw new AppError("not-found", { message: `Nothing is pinned under the name ${name}.` })
      asked.push(name)
    },
    endTemporary: async () => {},
    forget: async () => {},
    forgetGone: async () => {},
  }
  const real = createApp(createFakeParts({ clock: createFakeClock(), home: home.paths.home }))
  app = Object.assign(Object.create(real) as App, { prefixes, lastModel: async () => "tiny" })
})
afterEach(() => home[Symbol.asyncDispose]())

const run = (...argv: string[]) => call(["cache", ...argv], { app, parts: { home: home.paths.home } })
async function file(name: string, text: string): Promise<string> {
  const path = join(home.paths.home, name)
  await writeFile(path, text)
  return path
}

describe("status", () => {
  test("names room, models and pins", async () => {
    const { exitCode, out, err } = await run("status")
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" })
    expect(out).toMatch(/^1\.5 MB of 4\.0 MB in use\n/)
    expect(out).toMatch(/MODEL +PREFIXES +TOKENS +SIZE\n *tiny:latest +2 +300 +1\.5 MB/)
    expect(out).toMatch(/PINNED +MODEL +TOKENS +SIZE\n *rules\.txt +tiny:latest +100 +500 kB/)
    expect(JSON.parse((await run("status", "--json")).out)).toEqual(STATUS)
  })

  test("says when nothing is kept on disk", async () => {
    status = { ...STATUS, diskBytes: 0, usedBytes: 0, models: [], pins: [] }
    const { out, err } = await run("status")
    expect(err).toContain("cache.disk is 0")
    expect(out).not.toContain("MODEL")
  })
})

test("clear asks for what is meant, and says what went", async () => {
  expect((await run("clear")).err).toMatch(/^2 prefixes removed, 1\.5 MB free again\.\n$/)
  await run("clear", "--model", "tiny", "--pinned")
  expect(asked).toEqual([{}, { model: "tiny", pinned: true }])
  expect(JSON.parse((await run("clear", "--json")).out)).toEqual({ files: 2, bytes: 1_500_000 })
})

describe("pin", () => {
  test("takes the model used last and the file's name, or what is said", async () => {
    const path = await file("rules.txt", "Be brief.")
    const { exitCode, err } = await run("pin", path)
    expect({ exitCode, err }).toMatchObject({ exitCode: 0, err: expect.stringContaining("12 tokens") })
    await run("pin", path, "--model", "other", "--name", "house")
    expect(asked).toEqual([
      { model: "tiny", name: "rules.txt", text: "Be brief." },
      { model: "other", name: "house", text: "Be brief." },
    ])
  })

  test.each([
    ["binary.txt", "a\0b", "is no text"],
    ["empty.txt", " \n", "is empty"],
    ["large.txt", "x".repeat(REQUEST_LIMITS.countedPromptBytes + 1), "is larger than"],
  ])("refuses %s", async (name, text, message) => {
    const { exitCode, err } = await run("pin", await file(name, text))
    expect(exitCode).not.toBe(0)
    expect(err).toContain(message)
    expect(asked).toEqual([])
  })

  test("wants a file that is there, and a model", async () => {
    expect((await run("pin", join(home.paths.home, "none.txt"))).exitCode).not.toBe(0)
    expect((await run("pin", home.paths.home)).err).toContain("is a folder, not a file")
    app.lastModel = async () => undefined
    const { exitCode, err } = await run("pin", await file("rules.txt", "Be brief."))
    expect(exitCode).toBe(2)
    expect(err).toContain("--model")
    expect(asked).toEqual([])
  })
})

test("unpin says so, and names what is not pinned", async () => {
  expect(await run("unpin", "rules.txt")).toMatchObject({
    exitCode: 0,
    err: "rules.txt is no longer pinned.\n",
  })
  expect(await run("unpin", "other")).toMatchObject({ exitCode: 1, err: expect.stringContaining("other") })
  expect(asked).toEqual(["rules.txt"])
})
