import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createFakeEngine, createFakeLibrary } from "@fireside/app/testing"
import type { ChatEvent } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { call, startCall } from "../testing.ts"

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
  const engine = createFakeEngine()
  engine.answer = async function* (): AsyncIterable<ChatEvent> {
    yield { type: "start", model: "tiny:latest", id: "1" }
    for (const text of texts) yield { type: "text-delta", text }
    yield finish
  }
  return engine
}
const finish: Extract<ChatEvent, { type: "finish" }> = {
  type: "finish",
  reason: "stop",
  usage: { promptTokens: 3, cachedTokens: 1, completionTokens: 2 },
  timings: { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 100, decodeTokensPerSecond: 50, totalMs: 2 },
}

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
    const engine = createFakeEngine()
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
    const engine = createFakeEngine()
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
    const engine = createFakeEngine()
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
    const engine = createFakeEngine()
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

  test("--verbose tells of guesses, where there were any", async () => {
    const engine = createFakeEngine()
    engine.answer = async function* (): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "tiny:latest", id: "1" }
      yield { ...finish, timings: { ...finish.timings, draftedTokens: 12, acceptedTokens: 9 } }
    }
    const { err } = await call(["run", "tiny", "x", "--verbose"], { parts: { home, engine } })
    expect(err).toMatch(/guessed +12 tokens +9 right/)
    const { err: without } = await call(["run", "tiny", "x", "--verbose"], {
      parts: { home, engine: speaking("ok") },
    })
    expect(without).not.toContain("guessed")
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
    const engine = createFakeEngine()
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
    const engine = createFakeEngine()
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
