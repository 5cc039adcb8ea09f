// The command line as a person and a script meet it: a real process, the echo engine, a data folder of its own.
import { once } from "node:events"
import { readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { buildTinyModel } from "@fireside/gguf/testing"
import { describe, expect, test } from "vitest"
import { type Fireside, useFireside } from "./fireside.ts"

let fireside: Fireside
useFireside((made) => {
  fireside = made
})

const json = (text: string): unknown => JSON.parse(text)
const lines = (text: string): unknown[] => text.trim().split("\n").map(json)
const ECHO = ["--engine", "echo"]

/** A small valid model in the library under this name. */
async function importTiny(name: string): Promise<void> {
  const file = `${fireside.home}-${name.replaceAll(":", "-")}.gguf`
  await writeFile(file, buildTinyModel({}))
  expect(await fireside.call(["import", file, "--name", name])).toMatchObject({ exitCode: 0, out: "" })
}

describe("run", () => {
  test("answers on standard output, and on nothing else", async () => {
    const ended = await fireside.call([...ECHO, "run", "echo", "hello there"])
    expect(ended).toEqual({ exitCode: 0, out: "hello there\n", err: "" })
  })

  test("takes standard input, alone and after the prompt", async () => {
    expect((await fireside.call([...ECHO, "run", "echo"], { input: "piped text\n" })).out).toBe(
      "piped text\n",
    )
    const both = await fireside.call([...ECHO, "run", "echo", "Sum up:"], { input: "piped text\n" })
    expect(both.out).toBe("Sum up:\n\npiped text\n")
  })

  test("an open, silent standard input does not hold a prompt up", async () => {
    const ended = await fireside.call([...ECHO, "run", "echo", "hello"], { openInput: true })
    expect(ended).toMatchObject({ exitCode: 0, out: "hello\n" })
  })

  test("--json gives the events that were promised", async () => {
    const { exitCode, out, err } = await fireside.call([...ECHO, "run", "echo", "hello there", "--json"])
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" })
    const events = lines(out) as { type: string; text?: string }[]
    expect(events[0]).toEqual({ type: "start", model: "echo", id: expect.any(String) })
    expect(
      events
        .filter((it) => it.type === "text-delta")
        .map((it) => it.text)
        .join(""),
    ).toBe("hello there")
    expect(events.at(-1)).toMatchObject({
      type: "finish",
      reason: "stop",
      usage: {
        promptTokens: expect.any(Number),
        cachedTokens: expect.any(Number),
        completionTokens: expect.any(Number),
      },
      timings: {
        loadMs: expect.any(Number),
        ttftMs: expect.any(Number),
        prefillTokensPerSecond: expect.any(Number),
        decodeTokensPerSecond: expect.any(Number),
        totalMs: expect.any(Number),
      },
    })
  })

  test("--max-tokens and --stop end it, --verbose measures it", async () => {
    expect((await fireside.call([...ECHO, "run", "echo", "one two END three", "--stop", "END"])).out).toBe(
      "one two \n",
    )
    const short = await fireside.call([
      ...ECHO,
      "run",
      "echo",
      "one two three four",
      "--max-tokens",
      "1",
      "--json",
    ])
    expect(lines(short.out).at(-1)).toMatchObject({
      type: "finish",
      reason: "length",
      usage: { completionTokens: 1 },
    })
    expect((await fireside.call([...ECHO, "run", "echo", "hi", "--verbose"])).err).toMatch(/^load +\d/m)
  })

  test("a prompt longer than the context is counted and refused", async () => {
    const { exitCode, out, err } = await fireside.call([...ECHO, "run", "echo", "--ctx", "64"], {
      input: "word ".repeat(500),
    })
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: "" })
    expect(err).toMatch(/\d{3,}.*64/)
  })

  test("control characters of the answer stay out of a pipe too", async () => {
    const { out } = await fireside.call([...ECHO, "run", "echo", "a\x1b]52;c;eA==\x07b\x1b[31mc"])
    expect(out).toBe("abc\n")
  })

  test("a reader who leaves ends it without a word", async () => {
    const child = fireside.start([...ECHO, "run", "echo"])
    let err = ""
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString()
    })
    child.stdin.end("word ".repeat(1_500))
    await once(child.stdout, "data")
    child.stdout.destroy()
    const [code] = await once(child, "close")
    expect({ code, err }).toEqual({ code: 0, err: "" })
  })

  test("SIGTERM ends it with 130 and leaves no entry of a loaded model", async () => {
    const child = fireside.start([...ECHO, "run", "echo"])
    // Waiting for standard input: nothing has been answered yet.
    await once(child, "spawn")
    const waiting = new Promise((resolve) => child.stderr.on("data", resolve))
    await waiting
    child.kill("SIGTERM")
    expect((await once(child, "close"))[0]).toBe(130)
    expect(json((await fireside.call(["ps", "--json"])).out)).toEqual([])
  })
})

describe("errors", () => {
  test("an unknown model: close names, exit 1, in JSON one line", async () => {
    const { exitCode, err } = await fireside.call(["run", "smolm2:135m", "hi"])
    expect(exitCode).toBe(1)
    expect(err).toContain("smollm2:135m")
    const inJson = await fireside.call(["run", "smolm2:135m", "hi", "--json"])
    expect(json(inJson.err)).toMatchObject({
      error: { code: "model-not-found", message: expect.any(String), hint: expect.any(String) },
    })
  })

  test.each([
    [["run", "echo", "hi", "--frobnicate"], 2, "Usage: fireside run"],
    [["frobnicate"], 2, "Usage: fireside"],
    [["run", "a b c", "hi"], 2, ""],
    [["show", "nobody"], 1, ""],
    [["config", "set", "port", "many"], 78, ""],
    [["config", "get", "nothing"], 1, ""],
    [[], 78, "--yes"],
  ])("%j exits with %i", async (argv, exitCode, hint) => {
    const ended = await fireside.call(argv)
    expect(ended).toMatchObject({ exitCode, out: "" })
    expect(ended.err).toContain(hint)
    expect(ended.err).not.toContain("inside Fireside")
  })

  test("with the lock on, a pull fails at once, says so, and the ledger has it", async () => {
    expect(await fireside.call(["privacy", "lock"])).toMatchObject({ exitCode: 0 })
    const { exitCode, err } = await fireside.call(["pull", "hf:owner/repo"])
    expect(exitCode).toBe(69)
    expect(err).toContain("fireside privacy unlock")
    const entries = json((await fireside.call(["privacy", "ledger", "--json"])).out) as { verdict: string }[]
    expect(entries.length).toBeGreaterThan(0)
    expect(entries.every((it) => it.verdict === "blocked")).toBe(true)
  })

  test("a file that is no model: the rule and the offset", async () => {
    const file = `${fireside.home}-not.gguf`
    await writeFile(file, "This is no model at all, only a text.")
    const { exitCode, err } = await fireside.call(["import", file])
    expect(exitCode).toBe(1)
    expect(err).toMatch(/GGUF/)
    expect(json((await fireside.call(["list", "--json"])).out)).toEqual([])
  })

  test("a data folder that cannot be is exit 73, with the way out", async () => {
    const file = `${fireside.home}-file`
    await writeFile(file, "")
    const { exitCode, err } = await fireside.call(["--home", join(file, "below"), "privacy", "lock"])
    expect(exitCode).toBe(73)
    expect(err).toContain("FIRESIDE_HOME")
  })
})

describe("the library", () => {
  test("import, list, show, cp, verify, rm", async () => {
    await importTiny("tiny:1m")
    const [listed] = json((await fireside.call(["list", "--json"])).out) as Record<string, unknown>[]
    expect(listed).toEqual({
      name: "tiny:1m",
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      sizeBytes: expect.any(Number),
      modifiedAt: expect.stringMatching(/^\d{4}-/),
      format: "gguf",
      architecture: "llama",
      parameters: expect.any(String),
      quantization: expect.any(String),
      contextLength: expect.any(Number),
      licence: expect.any(String),
      inPlace: false,
      path: expect.any(String),
    })
    expect((await fireside.call(["list"])).out).toMatch(/^NAME +ID +SIZE +MODIFIED\ntiny:1m +[0-9a-f]{12} +/)
    expect(json((await fireside.call(["show", "tiny:1m", "--json"])).out)).toMatchObject({
      name: "tiny:1m",
      template: expect.any(String),
      parameters: {},
      system: "",
      capabilities: expect.arrayContaining(["completion"]),
      metadata: expect.objectContaining({ "general.architecture": "llama" }),
    })
    expect(await fireside.call(["cp", "tiny:1m", "gpt-4o-mini"])).toMatchObject({ exitCode: 0 })
    expect((await fireside.call(["verify"])).out.trim().split("\n")).toHaveLength(2)
    expect(await fireside.call(["rm", "tiny:1m", "gpt-4o-mini"])).toMatchObject({ exitCode: 0, out: "" })
    expect(await fireside.call(["list"])).toMatchObject({
      exitCode: 0,
      out: "",
      err: expect.stringContaining("empty"),
    })
  })

  test("a model of its own runs through the real engine", async () => {
    await importTiny("tiny:1m")
    const argv = ["run", "tiny:1m", "hello", "--max-tokens", "4", "--temperature", "0", "--json"]
    const { exitCode, out } = await fireside.call(argv)
    expect(exitCode).toBe(0)
    expect(lines(out).at(-1)).toMatchObject({ type: "finish", timings: { loadMs: expect.any(Number) } })
    expect(await fireside.call(argv)).toMatchObject({ exitCode: 0 })
  })

  test("a changed file is found by verify", async () => {
    await importTiny("tiny:1m")
    const [{ path }] = json((await fireside.call(["list", "--json"])).out) as [{ path: string }]
    const { chmod } = await import("node:fs/promises")
    await chmod(path, 0o600)
    const bytes = await readFile(path)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0xff
    await writeFile(path, bytes)
    const { exitCode, err } = await fireside.call(["verify", "tiny:1m"])
    expect(exitCode).toBe(1)
    expect(err).toContain("fireside pull tiny:1m")
  })

  test("search finds in the catalogue without a connection", async () => {
    const found = json((await fireside.call(["search", "smollm2", "--json"])).out) as { name: string }[]
    expect(found.map((it) => it.name)).toContain("smollm2:135m")
    expect(json((await fireside.call(["privacy", "ledger", "--json"])).out)).toEqual([])
  })
})

describe("privacy, config, doctor", () => {
  test("privacy status --json", async () => {
    expect(json((await fireside.call(["privacy", "status", "--json"])).out)).toEqual({
      lock: "ask",
      sandbox: expect.stringMatching(/^(full|partial|none)$/),
      entries: 0,
      lastEntry: null,
    })
    await fireside.call(["privacy", "lock"])
    expect(json((await fireside.call(["privacy", "status", "--json"])).out)).toMatchObject({ lock: "locked" })
    expect(await fireside.call(["privacy", "verify"])).toMatchObject({ exitCode: 0 })
  })

  test("config set, get, list, path", async () => {
    expect(await fireside.call(["config", "set", "keepAlive", "10m"])).toMatchObject({ exitCode: 0 })
    expect(json((await fireside.call(["config", "get", "keepAlive", "--json"])).out)).toMatchObject({
      key: "keepAlive",
      source: "file",
    })
    const path = (await fireside.call(["config", "path"])).out.trim()
    expect(json(await readFile(path, "utf8"))).toEqual({ keepAlive: expect.anything() })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await fireside.call(["config", "list"], { environment: { FIRESIDE_THREADS: "1" } })).out).toMatch(
      /threads +1 +environment/,
    )
  })

  test("doctor --json", async () => {
    const { exitCode, out } = await fireside.call([...ECHO, "doctor", "--json"])
    expect(exitCode).toBe(0)
    const report = json(out) as {
      ok: boolean
      checks: { id: string; level: string; message: string; ok: boolean }[]
    }
    expect(report.ok).toBe(true)
    const ids = report.checks.map((it) => it.id)
    for (const id of [
      "versions",
      "processor",
      "memory",
      "disk",
      "engine",
      "data-folder",
      "lock",
      "sandbox",
      "ledger",
    ])
      expect(ids).toContain(id)
  })

  test("looking does not make a data folder", async () => {
    for (const argv of [
      ["list"],
      ["ps"],
      ["doctor", ...ECHO],
      ["search"],
      ["config", "list"],
      ["privacy", "status"],
    ]) {
      await fireside.call(argv)
      await expect(stat(join(fireside.home, "models")), argv.join(" ")).rejects.toThrow("ENOENT")
    }
  })
})
