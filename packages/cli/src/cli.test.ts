import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { call } from "./testing.ts"

let home = ""
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "fireside-cli-"))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})
const parts = () => ({ home })
const json = (text: string): unknown => JSON.parse(text)

describe("wrong calls", () => {
  test.each([
    [["show"], "missing required argument 'model'", "Usage: fireside show [options] <model>"],
    [["frobnicate"], "unknown command 'frobnicate'", "Usage: fireside"],
    [["rnu", "x"], "unknown command 'rnu'", "Did you mean run?"],
    [
      ["run", "tiny", "hi", "--temprature", "1"],
      "unknown option '--temprature'",
      "Did you mean --temperature?",
    ],
    [["run", "tiny", "hi", "--temperature", "hot"], "temperature", "Usage: fireside run"],
    [["run", "tiny", "hi", "--top-k", "-1"], "top_k", "Usage: fireside run"],
    [["run", "tiny", "hi", "--ctx", "few"], "--ctx", "Usage: fireside run"],
    [["list", "--verbos"], "unknown option", "--verbose"],
    [["privacy", "lokc"], "unknown command 'lokc'", "Did you mean lock?"],
    [["config"], "A command is missing", "list, get, set, path"],
    [["cp", "a"], "missing required argument 'to'", "Usage: fireside cp"],
    [["run", "a", "b", "c"], "too many arguments", "Usage: fireside run"],
  ])("%j exits with 2, says what is wrong and how it is right", async (argv, message, hint) => {
    const { exitCode, out, err } = await call(argv, { parts: parts() })
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" })
    expect(err.toLowerCase()).toContain(message.toLowerCase())
    expect(err).toContain(hint)
    expect(err.trim().split("\n").length).toBeLessThanOrEqual(3)
  })

  test("with --json the error is one line of JSON", async () => {
    const { exitCode, err } = await call(["show", "nobody", "--json"], { parts: parts() })
    expect(exitCode).toBe(1)
    expect(json(err)).toMatchObject({
      error: { code: "model-not-found", message: "There is no model nobody." },
    })
    expect(err.trim().split("\n")).toHaveLength(1)
    const usage = await call(["show", "--json"], { parts: parts() })
    expect(json(usage.err)).toMatchObject({ error: { code: "usage" } })
  })
})

describe("help and version", () => {
  test("--version prints the version alone", async () => {
    expect(await call(["--version"])).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: "",
    })
  })

  test.each([["--help"], ["help"]])("%s lists every command", async (flag) => {
    const { exitCode, out } = await call([flag])
    expect(exitCode).toBe(0)
    for (const name of [
      "run",
      "pull",
      "list|ls",
      "show",
      "ps",
      "stop",
      "rm",
      "cp",
      "import",
      "verify",
      "search",
      "privacy",
      "doctor",
      "config",
    ])
      expect(out).toContain(`  ${name}`)
  })

  test.each([[["help", "run"]], [["run", "--help"]]])("%j shows every sampling flag", async (argv) => {
    const { exitCode, out } = await call(argv)
    expect(exitCode).toBe(0)
    for (const flag of [
      "--temperature",
      "--top-k",
      "--top-p",
      "--min-p",
      "--seed",
      "--dry-multiplier",
      "--mirostat",
      "--logit-bias",
    ])
      expect(out).toContain(flag)
    expect(out).toContain("(default: 0.8)")
  })
})
