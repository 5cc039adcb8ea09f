import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  answerOf,
  errorOf,
  eventsOf,
  GREEDY,
  NEVER,
  plain,
  startTinyEngine,
  TINY_PLAN,
  type TinyEngine,
} from "./llama-engine.fixture.ts"

let tiny: TinyEngine
const start = async () => {
  tiny = await startTinyEngine({ model: { layers: 2, type: "Q8_0" }, plan: { streams: 8 } })
}
beforeAll(start)
afterAll(() => tiny[Symbol.asyncDispose]())

const TEXTS = Array.from({ length: 12 }, (_, index) =>
  `The sky ${index} is blue and `.repeat((index % 4) + 1),
)

describe("streams", () => {
  test("one has a start, text and a finish with honest numbers", async () => {
    const events = await eventsOf(
      tiny.model.generate(plain("The capital of France"), { ...GREEDY, id: "mine" }, NEVER),
    )
    expect(events[0]).toEqual({ type: "start", model: "tiny", id: "mine" })
    const finish = events.at(-1)
    if (finish?.type !== "finish") throw new Error("no finish")
    expect(finish.reason).toBe("length")
    expect(finish.usage.completionTokens).toBe(24)
    const tokens = await tiny.model.tokenize("The capital of France", { special: false, addBos: true }, NEVER)
    expect(finish.usage.promptTokens).toBe(tokens.length)
    expect(finish.timings.totalMs).toBeGreaterThanOrEqual(finish.timings.ttftMs)
    expect(events.filter(({ type }) => type === "start" || type === "finish")).toHaveLength(2)
  })

  test("many at once, more than there is room for, each equal to itself alone", async () => {
    const alone: string[] = []
    for (const text of TEXTS) alone.push((await answerOf(tiny.model, plain(text))).text)
    const together = await Promise.all(
      TEXTS.map((text) => answerOf(tiny.model, plain(text), { ...GREEDY, cachePrompt: false })),
    )
    expect(together.map(({ text }) => text)).toEqual(alone)
    expect(new Set(alone).size).toBeGreaterThan(6)
  })

  test("a seed gives the same text again, another seed another text", async () => {
    const options = (seed: number) => ({
      sampling: { temperature: 2, topK: 0, topP: 1, minP: 0, seed },
      maxTokens: 24,
    })
    const [first, again, other] = await Promise.all(
      [7, 7, 8].map((seed) => answerOf(tiny.model, plain("Hello world"), options(seed))),
    )
    expect(first?.text).toBe(again?.text)
    expect(first?.text).not.toBe(other?.text)
  })

  test("activity is counted while it lasts", async () => {
    const stream = tiny.model
      .generate(plain("The sky"), { ...GREEDY, maxTokens: 200 }, NEVER)
      [Symbol.asyncIterator]()
    await stream.next()
    await stream.next()
    expect(tiny.model.activity()).toMatchObject({ streams: 1, queued: 0 })
    await stream.return?.()
    expect(tiny.model.activity()).toMatchObject({ streams: 0, queued: 0 })
  })
})

test("a load tells how far it is", async () => {
  const heard: number[] = []
  const file = { name: "tiny", path: tiny.modelPath, onProgress: (done: number) => void heard.push(done) }
  await using _model = await tiny.engine.load(file, TINY_PLAN, NEVER)
  expect(heard.length).toBeGreaterThan(0)
  expect(heard).toEqual([...heard].sort((left, right) => left - right))
  expect(heard.every((done) => done >= 0 && done <= 1)).toBe(true)
})

describe("prefix reuse", () => {
  test("a growing chat computes only what is new, and says the same", async () => {
    // The model is made to say words, so that its text becomes the same tokens again.
    const [word = 0] = await tiny.model.tokenize(" sky", { special: false, addBos: false }, NEVER)
    const options = { sampling: { temperature: 0, logitBias: { [word]: 100 } }, maxTokens: 10 }
    let text = "user: What is the sky?\nassistant:"
    let computed = 0
    for (let turn = 0; turn < 4; turn++) {
      const warm = await answerOf(tiny.model, plain(text), options)
      const cold = await answerOf(tiny.model, plain(text), { ...options, cachePrompt: false })
      expect(cold.usage.cachedTokens).toBe(0)
      expect(warm.text).toBe(cold.text)
      // All that was computed before: the last token of an answer never is.
      expect(warm.usage.cachedTokens).toBe(computed)
      computed = warm.usage.promptTokens + warm.usage.completionTokens - 1
      text += `${warm.text}\nuser: and ${turn}?\nassistant:`
    }
  })

  test("what one owner said is computed again for another, and for the same one it is not", async () => {
    const prompt = plain("A secret story of the sky and the world")
    const of = (cacheOwner: string) => answerOf(tiny.model, prompt, { ...GREEDY, cacheOwner })
    const first = await of("ann")
    const other = await of("bob")
    const again = await of("ann")
    expect([first, other].map(({ usage }) => usage.cachedTokens)).toEqual([0, 0])
    expect(again.usage.cachedTokens).toBe(again.usage.promptTokens - 1)
    expect(other.text).toBe(first.text)
  })

  test("a changed beginning is computed again", async () => {
    await answerOf(tiny.model, plain("A true story of the sky and the world"))
    const changed = await answerOf(tiny.model, plain("B true story of the sky and the world"))
    expect(changed.usage.cachedTokens).toBe(0)
  })
})

describe("the end of an answer", () => {
  test("a stop string across tokens is never shown, nor is anything after it", async () => {
    const { text } = await answerOf(tiny.model, plain("The world is"))
    const stop = text.slice(3, 9)
    const events = await eventsOf(
      tiny.model.generate(plain("The world is"), { ...GREEDY, stop: [stop] }, NEVER),
    )
    const shown = events.map((event) => (event.type === "text-delta" ? event.text : "")).join("")
    expect(shown).toBe(text.slice(0, text.indexOf(stop)))
    expect(events.at(-1)).toMatchObject({ type: "finish", reason: "stop", stopString: stop })
  })

  test("the same bytes with and without a stop string that never comes", async () => {
    const { text } = await answerOf(tiny.model, plain("Hello"))
    expect((await answerOf(tiny.model, plain("Hello"), { ...GREEDY, stop: ["never said"] })).text).toBe(text)
  })

  test("a full context ends in `length`", async () => {
    const answer = await answerOf(tiny.model, plain("Hello"), { sampling: { temperature: 0 } })
    expect(answer.reason).toBe("length")
    // The last token needs no place of its own.
    expect(answer.usage.promptTokens + answer.usage.completionTokens).toBe(257)
  })

  test("a prompt of exactly the context gives one token; one more is refused with both numbers", async () => {
    const word = await tiny.model.tokenize(" sky", { special: false, addBos: false }, NEVER)
    const tokens = (count: number) => Array.from({ length: count }, () => word[0] ?? 0)
    const full = await answerOf(tiny.model, { type: "tokens", tokens: tokens(256) })
    expect([full.reason, full.usage.completionTokens]).toEqual(["length", 1])
    const error = await errorOf(tiny.model.generate({ type: "tokens", tokens: tokens(257) }, GREEDY, NEVER))
    expect(error).toMatchObject({
      code: "context-overflow",
      message: "The prompt has 257 tokens; the context holds 256.",
      details: { promptTokens: 257, contextLength: 256 },
    })
  })

  test("text far beyond the context is refused before it is made into tokens", async () => {
    const error = await errorOf(tiny.model.generate(plain("😀".repeat(300_000)), GREEDY, NEVER))
    expect(error).toMatchObject({
      code: "context-overflow",
      details: { promptBytes: 1_200_000, limitBytes: 1_048_576 },
    })
  })

  test("a long text in a short context is counted all the same: the refusal has both numbers", async () => {
    const error = await errorOf(tiny.model.generate(plain(" sky".repeat(10_000)), GREEDY, NEVER))
    expect(error).toMatchObject({
      code: "context-overflow",
      message: "The prompt has 10000 tokens; the context holds 256.",
      details: { promptTokens: 10_000, contextLength: 256 },
    })
  })

  test("no tokens wanted: the prompt is computed, and that is all", async () => {
    const answer = await answerOf(tiny.model, plain("Hello"), { maxTokens: 0 })
    expect(answer).toMatchObject({ text: "", reason: "length", usage: { completionTokens: 0 } })
  })

  test("unknown tokens and empty prompts are refused", async () => {
    const unknown = await errorOf(tiny.model.generate({ type: "tokens", tokens: [1_000_000] }, GREEDY, NEVER))
    expect(unknown.code).toBe("bad-request")
    expect((await errorOf(tiny.model.generate({ type: "tokens", tokens: [] }, GREEDY, NEVER))).code).toBe(
      "bad-request",
    )
  })
})

describe("sampling", () => {
  test.each([
    { repeatPenalty: 1.3, repeatLastN: -1 },
    { frequencyPenalty: 0.5, presencePenalty: 0.5 },
    { dryMultiplier: 0.8, drySequenceBreakers: ["\n", "é"] },
    { topNSigma: 1 },
    { typicalP: 0.5 },
    { xtcProbability: 0.5 },
    { temperatureRange: 0.5 },
    { mirostat: 2 as const },
    { topK: 0, topP: 1, minP: 0 },
    { logitBias: { "5": 3 } },
  ])("%j gives text", async (sampling) => {
    const answer = await answerOf(tiny.model, plain("The sky"), {
      sampling: { seed: 1, ...sampling },
      maxTokens: 12,
    })
    expect(answer.usage.completionTokens).toBeGreaterThan(0)
  })

  test("a penalty keeps greedy text from going round", async () => {
    const loop = await answerOf(tiny.model, plain("aaaa"), {
      sampling: { temperature: 0 },
      maxTokens: 60,
      topLogprobs: 0,
    })
    const free = await answerOf(tiny.model, plain("aaaa"), {
      sampling: { temperature: 0, repeatPenalty: 10, repeatLastN: -1 },
      maxTokens: 60,
      topLogprobs: 0,
    })
    const kinds = (answer: typeof loop) => new Set(answer.logprobs.map(({ token }) => token)).size
    expect(kinds(free)).toBeGreaterThan(kinds(loop))
  })

  test("a bias of 100 decides", async () => {
    const [token = 0] = await tiny.model.tokenize(" Paris", { special: false, addBos: false }, NEVER)
    const answer = await answerOf(tiny.model, plain("The"), {
      sampling: { temperature: 0, logitBias: { [token]: 100 } },
      maxTokens: 3,
    })
    expect(answer.text).toBe(" Paris Paris Paris")
  })

  test("a bias of a token that does not exist is refused", async () => {
    const options = { sampling: { logitBias: { "999999999": 1 } } }
    expect((await errorOf(tiny.model.generate(plain("x"), options, NEVER))).code).toBe("bad-request")
  })
})

describe("grammar", () => {
  test("the answer follows it, and ends where it ends", async () => {
    const grammar = 'root ::= "blue" | "red" [0-9]{3}'
    const answer = await answerOf(tiny.model, plain("The sky is"), {
      ...GREEDY,
      format: { type: "gbnf", grammar },
    })
    expect(answer.text).toMatch(/^(blue|red\d{3})$/)
    expect(answer.reason).toBe("stop")
  })

  test("with every sampling parameter at once", async () => {
    const answer = await answerOf(tiny.model, plain("The sky is"), {
      sampling: {
        seed: 3,
        temperature: 3,
        repeatPenalty: 1.2,
        dryMultiplier: 0.5,
        xtcProbability: 0.3,
        topK: 5,
      },
      maxTokens: 64,
      format: { type: "gbnf", grammar: 'root ::= ("yes" | "no") " " [a-c]{1,20} "."' },
    })
    expect(answer.text).toMatch(/^(yes|no) [a-c]{1,20}\.$/)
  })

  test("a wrong one is an error of the stream", async () => {
    const options = { ...GREEDY, format: { type: "gbnf", grammar: 'root ::= "unclosed' } as const }
    expect((await errorOf(tiny.model.generate(plain("x"), options, NEVER))).code).toBe("bad-grammar")
    expect((await answerOf(tiny.model, plain("x"))).text).not.toBe("")
  })
})

describe("log-probabilities", () => {
  test("of the whole vocabulary they sum to one; the chosen token is the best under greedy", async () => {
    const answer = await answerOf(tiny.model, plain("The"), { ...GREEDY, topLogprobs: 20 })
    expect(answer.logprobs).toHaveLength(24)
    expect(answer.logprobs.map(({ token }) => token).join("")).toContain(answer.text.slice(0, 3))
    for (const { logprob, top } of answer.logprobs) {
      expect(top).toHaveLength(20)
      expect(top[0]?.logprob).toBe(logprob)
      const sum = top.reduce((total, entry) => total + Math.exp(entry.logprob), 0)
      expect(sum).toBeLessThanOrEqual(1.000_001)
      expect([...top].sort((a, b) => b.logprob - a.logprob)).toEqual(top)
    }
  })

  test("they do not change with the neighbours in the batch", async () => {
    const ask = () =>
      answerOf(tiny.model, plain("The sky"), { ...GREEDY, topLogprobs: 3, cachePrompt: false })
    const alone = await ask()
    const [together] = await Promise.all([ask(), ...TEXTS.map((text) => answerOf(tiny.model, plain(text)))])
    expect(together?.logprobs).toEqual(alone.logprobs)
  })
})
