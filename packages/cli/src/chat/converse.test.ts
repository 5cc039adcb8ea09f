import { mkdtemp, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Prompt } from "@fireside/app/testing"
import { createFakeEngine, createFakeLibrary, type FakeEngine, fakeStored } from "@fireside/app/testing"
import type { ChatEvent } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { call, type RunningCall, startCall } from "../testing.ts"

let home = ""
let engine: FakeEngine
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "fireside-chat-"))
  engine = createFakeEngine()
  engine.answer = reply
})
afterEach(async () => {
  await rm(home, { recursive: true })
})

async function open(...flags: string[]): Promise<RunningCall> {
  const library = createFakeLibrary([fakeStored(), fakeStored({ name: "other:latest" })])
  const running = startCall(["run", "tiny", ...flags], { terminal: true, parts: { home, engine, library } })
  await running.shows("Ctrl-D leaves")
  await running.shows("› ")
  return running
}

/** Types a line and waits until the next prompt. */
async function say(chat: RunningCall, line: string, shown: string): Promise<void> {
  chat.type(`${line}\r`)
  await chat.shows(shown)
  await chat.shows("› ")
}

const leave = async (chat: RunningCall): Promise<number> => {
  chat.type("\x04")
  return (await chat.done).exitCode
}

async function* reply(prompt: Prompt): AsyncIterable<ChatEvent> {
  const question = prompt.type === "chat" ? prompt.messages.at(-1)?.content : prompt.type
  yield { type: "start", model: "m", id: "1" }
  yield { type: "text-delta", text: `<${question}>` }
  yield FINISH
}

const asked = (at: number): unknown => {
  const prompt = engine.prompts.at(at)?.prompt
  return prompt?.type === "chat" ? prompt.messages.map((it) => `${it.role}: ${it.content}`) : prompt
}

describe("a chat", () => {
  test("keeps what was said", async () => {
    const chat = await open()
    await say(chat, "one two", "<one two>\n")
    await say(chat, "three", "<three>\n")
    expect(await leave(chat)).toBe(0)
    expect(asked(-1)).toEqual(["user: one two", "assistant: <one two>", "user: three"])
  })

  test('takes many lines between """', async () => {
    const chat = await open()
    chat.type('"""a\r')
    await chat.shows("… ")
    chat.type(" b\r")
    await chat.shows("… ")
    await say(chat, 'c"""', "")
    await leave(chat)
    expect(asked(0)).toEqual(["user: a\n b\nc"])
  })

  test("takes a paste of many lines as one message", async () => {
    const chat = await open()
    await say(chat, "\x1b[200~a\r\nb\nc\x1b[201~ d", "")
    await leave(chat)
    expect(asked(0)).toEqual(["user: a\nb\nc d"])
  })

  test("keeps what is typed during an answer for after it", async () => {
    const release = Promise.withResolvers<void>()
    engine.answer = async function* (): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "m", id: "1" }
      yield { type: "text-delta", text: "busy" }
      await release.promise
      engine.answer = reply
      yield FINISH
    }
    const chat = await open()
    chat.type("first\r")
    await chat.shows("busy")
    chat.type("second\r")
    release.resolve()
    await chat.shows("<second>")
    await chat.shows("› ")
    await leave(chat)
    expect(asked(-1)).toEqual(["user: first", "assistant: busy", "user: second"])
  })

  test("an error does not end it, and its question is taken back", async () => {
    engine.answer = async function* (): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "m", id: "1" }
      yield { type: "error", code: "context-overflow", message: "Too long: 9 of 8." }
    }
    const chat = await open()
    await say(chat, "too long", "error: Too long: 9 of 8.")
    engine.answer = reply
    await say(chat, "short", "<short>\n")
    expect(await leave(chat)).toBe(0)
    expect(asked(-1)).toEqual(["user: short"])
  })

  test("an unknown model ends it before the prompt", async () => {
    const running = startCall(["run", "nobody"], { terminal: true, parts: { home, engine } })
    expect(await running.done).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining("There is no model nobody."),
    })
  })
})

const FINISH: ChatEvent = {
  type: "finish",
  reason: "stop",
  usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1 },
  timings: { loadMs: 0, ttftMs: 0, prefillTokensPerSecond: 0, decodeTokensPerSecond: 0, totalMs: 0 },
}

describe("Ctrl-C", () => {
  function endless(): void {
    engine.answer = async function* (_, signal): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "m", id: "1" }
      yield { type: "text-delta", text: "and so" }
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
      yield { type: "error", code: "interrupted", message: "Stopped." }
    }
  }

  test("stops an answer; what was said stays in the conversation", async () => {
    endless()
    const chat = await open()
    chat.type("go\r")
    await chat.shows("and so")
    chat.type("\x03")
    await chat.shows("stopped")
    await chat.shows("› ")
    engine.answer = reply
    await say(chat, "on", "<on>\n")
    expect(await leave(chat)).toBe(0)
    expect(asked(-1)).toEqual(["user: go", "assistant: and so", "user: on"])
  })

  test("drops what was typed ahead", async () => {
    endless()
    const chat = await open()
    chat.type("go\r")
    await chat.shows("and so")
    chat.type("not this\r\x03")
    await chat.shows("stopped")
    await chat.shows("› ")
    engine.answer = reply
    await say(chat, "this", "<this>\n")
    await leave(chat)
    expect(asked(-1)).toEqual(["user: go", "assistant: and so", "user: this"])
  })

  test("at an empty prompt says how to leave; again leaves with 130", async () => {
    const chat = await open()
    chat.type("\x03")
    await chat.shows("Ctrl-C again leaves")
    chat.type("\x03")
    expect((await chat.done).exitCode).toBe(130)
    expect(engine.closed).toEqual(["tiny:latest"])
  })

  test("drops a half-typed line", async () => {
    const chat = await open()
    chat.type("half\x03")
    await chat.shows("› ")
    await say(chat, "whole", "<whole>\n")
    await leave(chat)
    expect(asked(0)).toEqual(["user: whole"])
  })

  test("twice during an answer leaves at once", async () => {
    engine.answer = async function* (): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "m", id: "1" }
      yield { type: "text-delta", text: "deaf" }
      await stuck.promise
      yield FINISH
    }
    const stuck = Promise.withResolvers<void>()
    const chat = await open()
    chat.type("go\r")
    await chat.shows("deaf")
    chat.type("\x03\x03")
    await new Promise((resolve) => setImmediate(resolve))
    expect(chat.forced).toEqual([130])
    stuck.resolve()
    expect((await chat.done).exitCode).toBe(130)
  })

  test("SIGTERM ends it", async () => {
    const chat = await open()
    chat.terminate()
    expect((await chat.done).exitCode).toBe(130)
    expect(engine.closed).toEqual(["tiny:latest"])
  })
})

describe("commands inside", () => {
  test("/set changes how it is asked", async () => {
    const chat = await open()
    await say(chat, "/set parameter temperature 0.1", "Set.")
    await say(chat, "/set top_k 5", "Set.")
    await say(chat, "/set seed 7", "The seed is 7.")
    await say(chat, '/set system """Be brief."""', "The system text is set.")
    await say(chat, "/set nothink", "It answers at once.")
    await say(chat, "/set format json", "Answers follow the format.")
    await say(chat, "/set parameter num_predict 5", "Set.")
    await say(chat, '/set parameter stop "END"', "Set.")
    await say(chat, "hello", "<hello>\n")
    await say(chat, "/show parameters", "temperature 0.1\ntop_k 5\nseed 7\nnum_predict 5\nstop")
    await leave(chat)
    expect(asked(0)).toEqual(["system: Be brief.", "user: hello"])
    expect(engine.prompts[0]).toMatchObject({
      prompt: { think: false },
      options: {
        sampling: { temperature: 0.1, topK: 5, seed: 7 },
        format: { type: "json" },
        maxTokens: 5,
        stop: ["END"],
      },
    })
  })

  test.each([
    ["/set parameter temperature hot", "temperature cannot be"],
    ["/set parameter nonsense 1", "There is no parameter nonsense"],
    ["/frob", "There is no command /frob"],
    ["/show me", "/show cannot show me"],
    ["/load nobody", "There is no model nobody"],
    ["/save", "Give it a name"],
    ["/save x", "nothing was said"],
    ["/retry", "There is no question"],
  ])("%s says what is wrong and the chat goes on", async (line, message) => {
    const chat = await open()
    await say(chat, line, message)
    expect(await leave(chat)).toBe(0)
  })

  test("/set with a longer context reloads with it", async () => {
    const chat = await open()
    await say(chat, "/set num_ctx 4096", "Set.")
    await say(chat, "hi", "<hi>\n")
    await leave(chat)
    expect(engine.loads.map((it) => it.plan.contextLength)).toEqual([2048, 4096])
  })

  test("/show context counts, /clear forgets, /retry asks again", async () => {
    const chat = await open()
    await say(chat, "/show context", "The context is empty")
    await say(chat, "abcd", "<abcd>\n")
    await say(chat, "/show context", "of 2048 tokens are used")
    await say(chat, "/retry", "<abcd>\n")
    expect(asked(-1)).toEqual(["user: abcd"])
    await say(chat, "/clear", "Forgotten")
    await say(chat, "new", "<new>\n")
    expect(asked(-1)).toEqual(["user: new"])
    expect(await leave(chat)).toBe(0)
  })

  test("/load takes another model, /save and run take a chat up again", async () => {
    const chat = await open()
    await say(chat, "remember", "<remember>\n")
    await say(chat, "/save holiday", "Saved.")
    await say(chat, "/load other", "Now talking to other")
    await say(chat, "still?", "<still?>\n")
    expect(engine.loads.at(-1)?.name).toBe("other:latest")
    await say(chat, "/load holiday", "The chat holiday is back, with tiny.")
    chat.type("/bye\r")
    expect((await chat.done).exitCode).toBe(0)

    const again = startCall(["run", "holiday"], { terminal: true, parts: { home, engine } })
    await again.shows("2 messages so far")
    await again.shows("› ")
    await say(again, "more", "<more>\n")
    await leave(again)
    expect(asked(-1)).toEqual(["user: remember", "assistant: <remember>", "user: more"])

    const once = await call(["run", "holiday", "and once?"], { parts: { home, engine } })
    expect(once).toMatchObject({ exitCode: 0, out: "<and once?>\n" })
    expect(asked(-1)).toEqual(["user: remember", "assistant: <remember>", "user: and once?"])
  })

  test("/help, /? and /set alone list what there is", async () => {
    const chat = await open()
    await say(chat, "/help", "/retry")
    await say(chat, "/?", "/bye")
    await say(chat, "/set", "dry_multiplier")
    await leave(chat)
    expect(engine.prompts).toEqual([])
  })

  test("a path or a fraction is no command", async () => {
    const chat = await open()
    await say(chat, "/usr/bin is what?", "</usr/bin is what?>\n")
    await leave(chat)
    expect(asked(0)).toEqual(["user: /usr/bin is what?"])
  })
})

describe("history", () => {
  test("is kept for this user alone, between chats, newest at the arrow up", async () => {
    const first = await open()
    await say(first, "older", "<older>\n")
    await say(first, "newer", "<newer>\n")
    await say(first, " secret", "< secret>\n")
    await leave(first)
    expect(await readFile(join(home, "history"), "utf8")).toBe('"older"\n"newer"\n')
    expect((await stat(join(home, "history"))).mode & 0o777).toBe(0o600)

    const second = await open()
    await say(second, "\x1b[A\x1b[A", "<older>\n")
    await leave(second)
    expect(asked(-1)).toEqual(["user: older"])
  })
})
