import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createFakeEgress, createFakeEngine, createFakeLibrary, fakeStored } from "@fireside/app/testing"
import { createFakeClock } from "@fireside/host/testing"
import type { ChatEvent, LedgerEntry } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { call, startCall } from "./testing.ts"

let home = ""
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "fireside-cli-"))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})
const parts = () => ({ home })
const json = (text: string): unknown => JSON.parse(text)
const lines = (text: string): unknown[] => text.trim().split("\n").map(json)

/** An engine that answers with these texts. */
function speaking(...texts: string[]) {
  const engine = createFakeEngine(createFakeClock())
  engine.answer = async function* (): AsyncIterable<ChatEvent> {
    yield { type: "start", model: "tiny:latest", id: "1" }
    for (const text of texts) yield { type: "text-delta", text }
    yield finish
  }
  return engine
}
const finish: ChatEvent = {
  type: "finish",
  reason: "stop",
  usage: { promptTokens: 3, cachedTokens: 1, completionTokens: 2 },
  timings: { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 100, decodeTokensPerSecond: 50, totalMs: 2 },
}

describe("wrong calls", () => {
  test.each([
    [["run"], "missing required argument 'model'", "Usage: fireside run [options] <model> [prompt]"],
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
    [["config"], "A command is missing", "Usage: fireside config"],
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
    const usage = await call(["run", "--json"], { parts: parts() })
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

describe("run, one question", () => {
  test("prints the answer and nothing else on standard output", async () => {
    const { exitCode, out, err } = await call(["run", "tiny", "hello there"], { parts: parts() })
    expect({ exitCode, out, err }).toEqual({ exitCode: 0, out: "hello there\n", err: "" })
  })

  test("reads standard input, alone or after the prompt", async () => {
    expect((await call(["run", "tiny"], { input: "from a pipe\n", parts: parts() })).out).toBe(
      "from a pipe\n",
    )
    expect((await call(["run", "tiny", "Sum up:"], { input: "a text\n", parts: parts() })).out).toBe(
      "Sum up:\n\na text\n",
    )
  })

  test("nothing to ask is a wrong call", async () => {
    expect(await call(["run", "tiny"], { parts: parts() })).toMatchObject({ exitCode: 2 })
  })

  test("--json gives every event as a line", async () => {
    const { out, err } = await call(["run", "tiny", "hello there", "--json"], { parts: parts() })
    expect(lines(out).map((event) => (event as { type: string }).type)).toEqual([
      "start",
      "text-delta",
      "text-delta",
      "finish",
    ])
    expect(lines(out).at(-1)).toMatchObject({
      reason: "stop",
      usage: { promptTokens: 2, cachedTokens: 0, completionTokens: 2 },
      timings: { loadMs: expect.any(Number), ttftMs: expect.any(Number), totalMs: expect.any(Number) },
    })
    expect(err).toBe("")
  })

  test("flags reach the engine", async () => {
    const engine = createFakeEngine(createFakeClock())
    const schema = join(home, "schema.json")
    await writeFile(schema, '{"type":"object"}')
    const argv = [
      "run",
      "tiny",
      "hi",
      "--temperature",
      "0",
      "--top-k=7",
      "--seed",
      "42",
      "--system",
      "Be brief.",
    ]
    const more = [
      "--stop",
      "A",
      "--stop",
      "B",
      "--max-tokens",
      "9",
      "--ctx",
      "512",
      "--no-think",
      "--format",
      schema,
    ]
    const bias = ["--logit-bias", "5=-100", "--logit-bias", "6=1.5", "--dry-sequence-breakers", "x"]
    await call([...argv, ...more, ...bias], { parts: { home, engine } })
    expect(engine.loads[0]?.plan.contextLength).toBe(512)
    expect(engine.prompts[0]).toMatchObject({
      prompt: {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "hi" },
        ],
        think: false,
      },
      options: {
        sampling: {
          temperature: 0,
          topK: 7,
          seed: 42,
          logitBias: { "5": -100, "6": 1.5 },
          drySequenceBreakers: ["x"],
        },
        stop: ["A", "B"],
        maxTokens: 9,
        format: { type: "json-schema", schema: { type: "object" } },
      },
    })
  })

  test("--raw sends the text as it is, --suffix asks for the middle", async () => {
    const engine = createFakeEngine(createFakeClock())
    await call(["run", "tiny", "a<|b|>", "--raw"], { parts: { home, engine } })
    await call(["run", "tiny", "def f(", "--suffix", "return x"], { parts: { home, engine } })
    expect(engine.prompts.map((it) => it.prompt)).toEqual([
      { type: "rendered", text: "a<|b|>" },
      { type: "infill", prefix: "def f(", suffix: "return x" },
    ])
  })

  test("escape sequences of the model do not reach the terminal, however they are cut", async () => {
    const engine = speaking("\n\nsafe\x1b]52;c;Y3", "Vyb\x07\x1b[3", "1m text\r!", " \x9b2Jend")
    const { out } = await call(["run", "tiny", "x"], { terminal: true, parts: { home, engine } })
    expect(out).toBe("safe text! end\n")
  })

  test("reasoning is shown on a terminal, apart from the answer, and nowhere else", async () => {
    const engine = createFakeEngine(createFakeClock())
    engine.answer = async function* (): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "m", id: "1" }
      yield { type: "reasoning-delta", text: "hm, hm" }
      yield { type: "text-delta", text: "42" }
      yield finish
    }
    expect((await call(["run", "tiny", "x"], { parts: { home, engine } })).out).toBe("42\n")
    expect((await call(["run", "tiny", "x"], { terminal: true, parts: { home, engine } })).out).toBe(
      "hm, hm\n\n42\n",
    )
  })

  test("an error in the middle: what was said is shown, the exit code is that of the error", async () => {
    const engine = createFakeEngine(createFakeClock())
    engine.answer = async function* (): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "m", id: "1" }
      yield { type: "text-delta", text: "half an" }
      yield { type: "error", code: "engine-crashed", message: "The engine ended.", hint: "Ask again." }
    }
    const { exitCode, out, err } = await call(["run", "tiny", "x"], { parts: { home, engine } })
    expect({ exitCode, out, err }).toEqual({
      exitCode: 1,
      out: "half an\n",
      err: "error: The engine ended.\nAsk again.\n",
    })
    const inJson = await call(["run", "tiny", "x", "--json"], { parts: { home, engine } })
    expect(lines(inJson.out).at(-1)).toMatchObject({ type: "error", code: "engine-crashed" })
    expect(json(inJson.err)).toMatchObject({ error: { code: "engine-crashed" } })
  })

  test("--verbose prints timings on standard error", async () => {
    const { out, err } = await call(["run", "tiny", "x", "--verbose"], {
      parts: { home, engine: speaking("ok") },
    })
    expect(out).toBe("ok\n")
    expect(err).toMatch(/prompt +3 tokens \(1 reused\) +100\.0 tokens\/s/)
  })

  test("a missing model of the catalogue with a free licence is pulled first, and said so", async () => {
    const library = createFakeLibrary()
    const { exitCode, out, err } = await call(["run", "tiny:1m", "hello"], { parts: { home, library } })
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: "hello\n" })
    expect(err.indexOf("Apache-2.0")).toBeGreaterThan(0)
    expect(err.indexOf("Apache-2.0")).toBeLessThan(err.indexOf("weights.gguf"))
    expect(err).toMatch(/Source +hf:example\/tiny/)
    expect(err).toMatch(/Size +10 B/)
  })

  test("one with conditions needs --accept-licence", async () => {
    const library = createFakeLibrary()
    const { exitCode, err } = await call(["run", "large:1b", "hello"], { parts: { home, library } })
    expect(exitCode).toBe(78)
    expect(err).toContain("--accept-licence")
    const accepted = await call(["run", "large:1b", "hello", "--accept-licence"], {
      parts: { home, library },
    })
    expect(accepted).toMatchObject({ exitCode: 0, out: "hello\n" })
  })

  test("Ctrl-C ends it with 130; the second does not wait", async () => {
    const engine = createFakeEngine(createFakeClock())
    engine.answer = async function* (_, signal): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "m", id: "1" }
      yield { type: "text-delta", text: "one " }
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
      yield { type: "error", code: "interrupted", message: "Stopped." }
    }
    const running = startCall(["run", "tiny", "x"], { parts: { home, engine } })
    await running.shows("one ")
    running.interrupt()
    running.interrupt()
    expect(running.forced).toEqual([130])
    expect(await running.done).toMatchObject({ exitCode: 130, out: "one \n", err: "" })
    expect(engine.closed).toEqual(["tiny:latest"])
  })

  test("a reader who leaves ends it quietly", async () => {
    const engine = createFakeEngine(createFakeClock())
    engine.answer = async function* (_, signal): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "m", id: "1" }
      yield { type: "text-delta", text: "one " }
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
      yield { type: "error", code: "interrupted", message: "Stopped." }
    }
    const running = startCall(["run", "tiny", "x"], { parts: { home, engine } })
    await running.shows("one ")
    running.closeOutput()
    expect(await running.done).toMatchObject({ exitCode: 0, err: "" })
  })
})

describe("listings", () => {
  const library = () => createFakeLibrary([fakeStored()])

  test("list", async () => {
    const { out } = await call(["list"], { parts: { home, library: library() } })
    expect(out).toBe(
      [
        "NAME           ID              SIZE      MODIFIED",
        "tiny:latest    aaaaaaaaaaaa    1.0 MB    1 day ago",
        "",
      ].join("\n"),
    )
    const machine = await call(["ls", "--json"], { parts: { home, library: library() } })
    expect(json(machine.out)).toEqual([
      {
        name: "tiny:latest",
        digest: `sha256:${"a".repeat(64)}`,
        sizeBytes: 1_000_000,
        modifiedAt: "2026-01-01T00:00:00.000Z",
        format: "gguf",
        architecture: "llama",
        parameters: "1M",
        quantization: "Q8_0",
        contextLength: 2048,
        licence: "Apache-2.0",
        inPlace: false,
        path: "/models/tiny:latest",
      },
    ])
  })

  test("an empty library says what to do", async () => {
    const { exitCode, out, err } = await call(["list"], { parts: { home, library: createFakeLibrary() } })
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: "" })
    expect(err).toContain("fireside pull MODEL")
    expect((await call(["list", "--json"], { parts: { home, library: createFakeLibrary() } })).out).toBe(
      "[]\n",
    )
  })

  test("names from outside cannot drive the terminal", async () => {
    const evil = createFakeLibrary([fakeStored({ name: "evil\x1b]0;x\x07\nname" })])
    expect((await call(["list"], { parts: { home, library: evil } })).out).toContain("evil name")
  })

  test("show", async () => {
    const stored = fakeStored({}, { system: "Be brief.", sampling: { temperature: 0.2 }, stop: ["END"] })
    const own = () => ({ home, library: createFakeLibrary([stored]) })
    const { out } = await call(["show", "tiny"], { parts: own() })
    expect(out).toContain("architecture  llama")
    expect(out).toContain("temperature 0.2")
    expect((await call(["show", "tiny", "--system"], { parts: own() })).out).toBe("Be brief.\n")
    expect((await call(["show", "tiny", "--parameters"], { parts: own() })).out).toBe(
      'temperature 0.2\nstop "END"\n',
    )
    expect(json((await call(["show", "tiny", "--json"], { parts: own() })).out)).toMatchObject({
      name: "tiny:latest",
      parameterCount: "1M",
      parameters: { temperature: 0.2, stop: ["END"] },
      system: "Be brief.",
      template: "",
      capabilities: ["completion"],
      metadata: {},
    })
  })

  test("ps without and with a model", async () => {
    expect(await call(["ps"], { parts: parts() })).toMatchObject({
      exitCode: 0,
      out: "",
      err: "No model is loaded.\n",
    })
    expect((await call(["ps", "--json"], { parts: parts() })).out).toBe("[]\n")
  })

  test("search", async () => {
    const { out } = await call(["search", "tiny"], { parts: { home, library: library() } })
    expect(out).toMatch(/^NAME +SIZE +LICENCE +HERE +GOOD FOR\ntiny:1m +~1.0 MB +Apache-2.0 +tests\n$/)
    expect(json((await call(["search", "tiny", "--json"], { parts: parts() })).out)).toMatchObject([
      { name: "tiny:1m", installed: false },
    ])
    expect((await call(["search", "zzz"], { parts: parts() })).err).toContain("--remote")
  })
})

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

describe("privacy", () => {
  const entry: LedgerEntry = {
    seq: 1,
    at: "2026-01-01T12:00:00.000Z",
    reason: "download tiny:1m",
    feature: "pull",
    host: "example.org",
    address: "203.0.113.7",
    port: 443,
    bytesOut: 500,
    bytesIn: 1_000_000,
    contentClass: "model-id",
    verdict: "sent",
    hash: "a",
    previousHash: "b",
  }

  test("status, lock and unlock", async () => {
    const egress = createFakeEgress([entry])
    const own = { parts: { home, egress } }
    expect((await call(["privacy", "status"], own)).out).toContain(
      "12 hours ago, example.org:443, download tiny:1m",
    )
    expect((await call(["privacy", "lock"], own)).err).toBe(
      "The lock is now locked: nothing leaves this machine.\n",
    )
    expect(json((await call(["privacy", "status", "--json"], own)).out)).toEqual({
      lock: "locked",
      sandbox: "partial",
      entries: 1,
      lastEntry: entry,
    })
    expect(json((await call(["privacy", "unlock", "--json"], own)).out)).toMatchObject({ lock: "ask" })
  })

  test("ledger and verify", async () => {
    const own = { parts: { home, egress: createFakeEgress([entry]) } }
    expect(json((await call(["privacy", "ledger", "--json"], own)).out)).toEqual([entry])
    expect((await call(["privacy", "ledger"], own)).out).toContain("2026-01-01 12:00:00    sent")
    expect((await call(["privacy", "verify"], own)).out).toContain("1 entry; the chain is whole")
    expect((await call(["privacy", "ledger"], { parts: parts() })).err).toContain(
      "nothing has left this machine",
    )
  })
})

describe("doctor", () => {
  test("prints each check, and a machine gets the report", async () => {
    const { exitCode, out } = await call(["doctor"], { parts: parts() })
    expect(exitCode).toBe(0)
    expect(out).toContain("✓ engine")
    expect(out).toMatch(/Ready\.\n$/)
    expect(json((await call(["doctor", "--json"], { parts: parts() })).out)).toMatchObject({
      ok: true,
      checks: expect.any(Array),
    })
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

  test("on a terminal it asks once, pulls and chats", async () => {
    const library = createFakeLibrary()
    const running = startCall([], { terminal: true, parts: { home, library } })
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
    const running = startCall([], { terminal: true, parts: { home, library } })
    await running.shows("Download it")
    running.type("n")
    expect(await running.done).toMatchObject({ exitCode: 130 })
    expect(library.pulled).toEqual([])
  })
})
