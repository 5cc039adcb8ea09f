// S7: a long document is pasted while others read their answers.
import { dirname, join } from "node:path"
import { gapsMs, ttftMs } from "../http/chat-figures.ts"
import { streamChat } from "../http/stream-chat.ts"
import { writeEightHeads } from "../loads/eight-heads.ts"
import { readModelHeader } from "../loads/model-header.ts"
import { createWords } from "../loads/random-words.ts"
import { unseenTokens } from "../loads/unseen-tokens.ts"
import { librariesOf } from "../peer/llama-server.ts"
import type { Bench, Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { type ChatServer, type KeptServers, keepServers, type ServerChoice } from "../servers/chat-server.ts"
import { FIRESIDE, firesideChoice } from "../servers/fireside-choice.ts"
import { llamaChoice } from "../servers/llama-choice.ts"
import { percentile } from "../statistics.ts"

/** With the long one they fill the four slots of the peer's defaults: with one more its newcomer would wait for an end. */
const STREAMS = 3
const DOCUMENT_WORDS = 5_300
/** More than are read in the time: each is cut off when the newcomer has its first token. */
const STREAM_TOKENS = 1_500

export const pastedDocument: Scenario = {
  id: "S7",
  title: "a long document is pasted while others read their answers",
  async prepare(bench, signal) {
    const words = bench.quick ? 2_000 : DOCUMENT_WORDS
    const usualPath = join(dirname(bench.peer.quantize), "..", "..", "eight-heads.gguf")
    await writeEightHeads(bench.modelPath, usualPath)
    const isPrebuilt = librariesOf(bench.peer) === "prebuilt"
    const native = llamaChoice(bench, "D", { libraries: "native" })
    const given = await serversOf(bench, { words, suffix: "", others: isPrebuilt ? [native] : [] }, signal)
    const usual = await serversOf(
      { ...bench, modelPath: usualPath, workFolder: join(bench.workFolder, "eight-heads") },
      { words, suffix: EIGHT_HEADS, others: [] },
      signal,
    )
    const time = { unit: "ms", better: "lower" as const }
    return {
      contestants: [...given.contestants, ...usual.contestants],
      comparisons: [
        ...["", EIGHT_HEADS].flatMap((suffix) => [
          ...againstBoth({
            ...time,
            title: "p95 gap of the running streams meanwhile",
            metric: "gapP95Ms",
            subject: `${FIRESIDE}${suffix}`,
            suffix,
            goals: { D: 0.06, T: 0.4 },
            heldBack: suffix === "" ? ON_NINE_HEADS : READERS,
          }),
          ...againstBoth({
            ...time,
            title: "TTFT of the document",
            metric: "documentTtftMs",
            subject: `${FIRESIDE}${suffix}`,
            suffix,
            goals: { D: 1.2 },
            heldBack: suffix === "" ? ON_NINE_HEADS : READERS,
          }),
        ]),
        ...(isPrebuilt
          ? [
              {
                ...time,
                title: "TTFT of the document",
                metric: "documentTtftMs",
                subject: FIRESIDE,
                against: native.name,
              },
            ]
          : []),
      ],
      remarks: [
        `${STREAMS} streams run, then ${words} words come (some ${Math.round((words * 1.13) / 100) * 100} tokens); the window is from its request to its first token. The design has four streams; the peer's defaults have four slots, so that a fifth request would wait there for an end.`,
        "The rows with 8 heads are of the same model with eight of its heads (some of its text is damaged): most models have 8, 16 or 32, which fill the tiles of the library's attention.",
      ],
      async [Symbol.asyncDispose]() {
        await given[Symbol.asyncDispose]()
        await usual[Symbol.asyncDispose]()
      },
    }
  },
}

const EIGHT_HEADS = " (8 heads)"
const READERS =
  "the readers' steps take up to a tenth of the time, where the peer's readers stand still; the first batch waits for a context of its own."
const ON_NINE_HEADS =
  "the readers' steps take up to a tenth of the time, where the peer's readers stand still. And with nine heads and two threads the library's attention deals few rows badly: behind 5,600 tokens a row of 128 costs 1.2 times what it costs in a batch of 512 (with 8, 16 or 32 heads 1.0: see the rows of the model with 8 heads). Longer batches would let newcomers wait."

async function serversOf(
  bench: Bench,
  {
    words,
    suffix,
    others,
  }: { readonly words: number; readonly suffix: string; readonly others: readonly ServerChoice[] },
  signal: AbortSignal,
): Promise<KeptServers> {
  const choices = [
    await firesideChoice(bench, { name: `${FIRESIDE}${suffix}` }, signal),
    ...[
      llamaChoice(bench, "D"),
      // Its own context is 4,096 tokens for each of the eight, which the document does not fit.
      llamaChoice(bench, "T", { flags: ["-c", "65536"] }),
    ].map((choice) => ({ ...choice, name: `${choice.name}${suffix}` })),
    ...others,
  ]
  const bias = await withoutUnseen(bench.modelPath)
  return keepServers(choices, (server, round, measureSignal) =>
    paste(server, { words, seed: 700 + round * (STREAMS + 1), bias }, measureSignal),
  )
}

async function paste(
  server: ChatServer,
  { words, seed, bias }: { readonly words: number; readonly seed: number; readonly bias: Bias },
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const { model } = server
  const cut = new AbortController()
  const stop = AbortSignal.any([signal, cut.signal])
  const streams = Array.from({ length: STREAMS }, (_, at) => ({ at, deltaAtMs: [] as number[] }))
  const reading = streams.map(({ at, deltaAtMs }) => {
    const { promise: started, resolve } = Promise.withResolvers<void>()
    const onDelta = (atMs: number): void => {
      deltaAtMs.push(atMs)
      if (deltaAtMs.length === STARTED_DELTAS) resolve()
    }
    const content = `${createWords(seed + at).words(20)} Write a very long story about it, with many chapters.`
    const messages = [{ role: "user", content }] as const
    const body = { model, messages, max_tokens: STREAM_TOKENS, temperature: 0, logit_bias: bias }
    const ended = streamChat({ ...server, onDelta }, body, stop).then(
      () => "ended" as const,
      (error: unknown) => {
        if (!cut.signal.aborted) throw error
        return "cut" as const
      },
    )
    return { started: Promise.race([started, ended]), ended }
  })
  await Promise.all(reading.map(({ started }) => started))
  const messages = [
    { role: "user", content: `${createWords(seed + STREAMS).words(words)} What is this about?` },
  ] as const
  const question = { model, messages, max_tokens: 16, temperature: 0, logit_bias: bias }
  const document = await streamChat(server, question, signal)
  cut.abort()
  await Promise.all(reading.map(({ ended }) => ended))
  const window = { fromMs: document.startedAtMs, toMs: document.deltaAtMs[0] ?? 0 }
  const gaps = streams.flatMap((stream) => gapsMs(stream, window))
  if (gaps.length === 0) throw new Error("no stream was running while the document was computed")
  return {
    gapP50Ms: percentile(gaps, 0.5),
    gapP95Ms: percentile(gaps, 0.95),
    gapMaxMs: Math.max(...gaps),
    documentTtftMs: ttftMs(document),
    documentTokens: document.promptTokens,
    documentPrefillMs: document.prefillMs,
  }
}

type Bias = Readonly<Record<string, number>>

/**
 * Tokens that show nothing never come: with a control token a story would end before the document is read, and a gap between two deltas would be
 * several steps where one is white space, which goes with the word after it, or a part of a character. With eight heads the model writes many.
 */
async function withoutUnseen(modelPath: string): Promise<Bias> {
  const tokens = unseenTokens(await readModelHeader(modelPath))
  return Object.fromEntries(tokens.map((token) => [token, -100]))
}

/** So many and a stream is in its stride. */
const STARTED_DELTAS = 8
