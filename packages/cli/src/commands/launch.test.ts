import { spawnSync } from "node:child_process"
import { chmod, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createFakeApp, type FakeApp } from "@fireside/app/testing"
import { type Database, openDatabase, SILENT_LOG } from "@fireside/host"
import { createTemporaryHome, type TemporaryHome } from "@fireside/host/testing"
import { startServer } from "@fireside/server"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { findProgram } from "../launch/find-program.ts"
import { launchKey, NO_KEY } from "../launch/launch-key.ts"
import { LAUNCH_TOOLS } from "../launch/launch-tools.ts"
import { commandLine, exportLine } from "../launch/shell-lines.ts"
import { call } from "../testing.ts"
import { VERSION } from "../version.ts"

let home: TemporaryHome
let database: Database
let fake: FakeApp
beforeEach(async () => {
  home = await createTemporaryHome()
  database = await openDatabase(home.paths)
  fake = await createFakeApp({ home: home.paths.home, database })
})
afterEach(async () => {
  await fake[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await home[Symbol.asyncDispose]()
})
const parts = () => ({ home: home.paths.home, database })
const serve = (requireKey = false) =>
  startServer({
    app: fake.app,
    log: SILENT_LOG,
    paths: home.paths,
    host: "127.0.0.1",
    port: 0,
    tls: { type: "none" },
    allowedHosts: [],
    allowedOrigins: [],
    requireKey,
    version: VERSION,
  })

describe("launch --print", () => {
  test("what a program must be told, for a shell", async () => {
    const { exitCode, out, err } = await call(
      ["launch", "aider", "--print", "--model", "it's", "--", "--yes", "a b"],
      { parts: parts() },
    )
    expect(exitCode).toBe(0)
    expect(out).toBe(
      [
        "export OPENAI_API_BASE='http://127.0.0.1:3473/v1'",
        "export OPENAI_API_KEY='fireside'",
        "export AIDER_MODEL='openai/it'\\''s'",
        "",
      ].join("\n"),
    )
    expect(err).toContain("Then start it with: aider --yes 'a b'\n")
  })

  test("other shells, the server that runs, a key", async () => {
    await using server = await serve()
    const print = (shell: string) =>
      call(["launch", "qwen", "--print", "--model", "m", "--key", "k", "--shell", shell], { parts: parts() })
    expect((await print("fish")).out).toContain(`set -gx OPENAI_BASE_URL '${server.url}/v1'\n`)
    expect((await print("powershell")).out).toContain("$env:OPENAI_API_KEY = 'k'\n")
  })

  test("where a made-up key is refused, it says so", async () => {
    const printed = async (...more: string[]) =>
      (await call(["launch", "zed", "--print", "--model", "m", ...more], { parts: parts() })).err
    {
      await using _open = await serve()
      expect(await printed()).not.toContain("key create")
    }
    await using _strict = await serve(true)
    expect(await printed()).toContain("fireside key create --name zed")
    expect(await printed("--key", "fs-x")).not.toContain("key create")
  })

  test("programs with a settings file", async () => {
    const zed = await call(["launch", "zed", "--model", "m"], { parts: parts() })
    expect(JSON.parse(zed.out)).toMatchObject({
      language_models: { ollama: { api_url: "http://127.0.0.1:3473" } },
    })
    expect(zed.err).toContain("~/.config/zed/settings.json")
    expect((await call(["launch", "continue", "--model", "m"], { parts: parts() })).out).toContain(
      'model: "m"',
    )
  })

  test("--json for programs", async () => {
    const { out } = await call(["launch", "codex", "--print", "--model", "m", "--json"], { parts: parts() })
    expect(JSON.parse(out)).toMatchObject({ tool: "codex", command: expect.arrayContaining(['model="m"']) })
  })

  test.each([
    [["launch", "cluade"], 2, "Did you mean claude?"],
    [["launch", "xyzzy"], 2, "claude, codex"],
    [["launch", "claude", "--print"], 2, "--model MODEL"],
    [["launch", "claude", "--print", "--shell", "tcsh", "--model", "m"], 2, "posix, fish, powershell"],
  ])("%j", async (argv, exitCode, message) => {
    const called = await call(argv, { parts: parts() })
    expect(called).toMatchObject({ exitCode, out: "" })
    expect(called.err).toContain(message)
  })
})

describe("starting a program", () => {
  test("one that is not installed, by name and with how to install it", async () => {
    const before = process.env.PATH
    process.env.PATH = home.paths.home
    try {
      const { exitCode, err } = await call(["launch", "claude", "--model", "m"], { parts: parts() })
      expect(exitCode).toBe(69)
      expect(err).toContain("there is no claude")
      expect(err).toContain("npm install -g @anthropic-ai/claude-code")
    } finally {
      process.env.PATH = before
    }
  })

  test.skipIf(process.platform === "win32")(
    "no server: how to start one; with one: its environment and exit code",
    async () => {
      const before = process.env.PATH
      const folder = join(home.paths.home, "bin")
      await mkdir(folder)
      const seen = join(home.paths.home, "seen.txt")
      const script = `#!/bin/sh\nprintf '%s|%s|%s' "$ANTHROPIC_BASE_URL" "$ANTHROPIC_MODEL" "$*" > '${seen}'\nexit 4\n`
      await writeFile(join(folder, "claude"), script, { mode: 0o755 })
      process.env.PATH = `${folder}:${before}`
      try {
        const argv = ["launch", "claude", "--model", "m", "--", "-p", "hi"]
        const without = await call(argv, { parts: parts() })
        expect(without.exitCode).toBe(69)
        expect(without.err).toContain("fireside serve")
        await using server = await serve()
        expect((await call(argv, { parts: parts() })).exitCode).toBe(4)
        const { readFile } = await import("node:fs/promises")
        expect(await readFile(seen, "utf8")).toBe(`${server.url}|m|-p hi`)
      } finally {
        process.env.PATH = before
      }
    },
  )
})

describe("the key of a launched program", () => {
  const never = new AbortController().signal
  const made: unknown[] = []
  const keys = {
    create: async (key: unknown) => {
      made.push(key)
      return { id: "k1", key: "fs-secret" } as never
    },
    revoke: async (id: string) => {
      made.push(id)
      return {} as never
    },
  }

  test("none where none is asked for", async () => {
    await using server = await serve()
    await using key = await launchKey({ connection: server, keys, name: "x" }, never)
    expect([key.key, made]).toEqual([NO_KEY, []])
  })

  test("otherwise one of its own, that may chat and ends with it", async () => {
    await using server = await serve(true)
    {
      await using key = await launchKey({ connection: server, keys, name: "x" }, never)
      expect(key.key).toBe("fs-secret")
      expect(made).toEqual([{ name: "x", scopes: ["chat", "embed"] }])
    }
    expect(made.at(-1)).toBe("k1")
  })
})

test("a shell takes a value as it is", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
      (value) => {
        const script = `${exportLine("posix", "X", value)}; printf %s "$X"`
        expect(spawnSync("/bin/sh", ["-c", script], { env: {} }).stdout.toString()).toBe(value)
      },
    ),
    { numRuns: 30 },
  )
  expect(exportLine("fish", "X", "a\\b'c")).toBe("set -gx X 'a\\\\b\\'c'")
  expect(exportLine("powershell", "X", "a'b\u2019c")).toBe("$env:X = 'a''b\u2019\u2019c'")
  expect(commandLine("posix", ["a", "b c", "--d=e"])).toBe("a 'b c' --d=e")
})

test("a program is a file that may be run", async () => {
  const path = join(home.paths.home, "tool")
  const find = () => findProgram("tool", { PATH: `:/nowhere:${home.paths.home}` }, "linux")
  expect(await find()).toBeUndefined()
  await writeFile(path, "")
  await chmod(path, 0o644)
  if (process.getuid?.() !== 0) expect(await find()).toBeUndefined()
  await chmod(path, 0o755)
  expect(await find()).toBe(path)
  expect(await findProgram("..", { PATH: home.paths.home }, "linux")).toBeUndefined()
})

test("no tool is told a variable that would be taken for a setting of ours", () => {
  const target = { url: "http://x", key: "k", model: "m" }
  const names = LAUNCH_TOOLS.flatMap((tool) =>
    tool.type === "program" ? Object.keys(tool.environment(target)) : [],
  )
  expect(names.filter((name) => name.startsWith("FIRESIDE_"))).toEqual([])
  expect(new Set(LAUNCH_TOOLS.map((tool) => tool.name)).size).toBe(LAUNCH_TOOLS.length)
})
