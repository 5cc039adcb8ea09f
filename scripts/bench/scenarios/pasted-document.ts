// S7: a long document is pasted while others read their answers.
import { gapsMs, ttftMs } from "../http/chat-figures.ts"
import { streamChat } from "../http/stream-chat.ts"
import { createWords } from "../loads/random-words.ts"
import type { Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { type ChatServer, keepServers } from "../servers/chat-server.ts"
import { firesideChoice } from "../servers/fireside-choice.ts"
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
    const choices = [
      await firesideChoice(bench, {}, signal),
      llamaChoice(bench, "D"),
      // Its own context is 4,096 tokens for each of the eight, which the document does not fit.
      llamaChoice(bench, "T", { flags: ["-c", "65536"] }),
    ]
    const kept = keepServers(choices, (server, round, measureSignal) =>
      paste(server, { words, seed: 700 + round * (STREAMS + 1) }, measureSignal),
    )
    const time = { unit: "ms", better: "lower" as const }
    return {
      ...kept,
      comparisons: [
        ...againstBoth({
          ...time,
          title: "p95 gap of the running streams meanwhile",
          metric: "gapP95Ms",
          goals: { D: 0.06, T: 0.4 },
          heldBack:
            "a chunk of prefill holds the running streams up for as long as it takes (`gapMaxMs`); smaller chunks would cost the newcomer its time to the first token.",
        }),
        ...againstBoth({
          ...time,
          title: "TTFT of the document",
          metric: "documentTtftMs",
          goals: { D: 1.2 },
          heldBack:
            "the running streams go on: the steps in which they take part are shorter than the peer's, and each has its fixed cost.",
        }),
      ],
      remarks: [
        `${STREAMS} streams run, then ${words} words come (some ${Math.round((words * 1.13) / 100) * 100} tokens); the window is from its request to its first token. The design has four streams; the peer's defaults have four slots, so that a fifth request would wait there for an end.`,
      ],
    }
  },
}

async function paste(
  server: ChatServer,
  { words, seed }: { readonly words: number; readonly seed: number },
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
    const body = { model, messages, max_tokens: STREAM_TOKENS, temperature: 0.8, seed: seed + at }
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
  const document = await streamChat(server, { model, messages, max_tokens: 4, temperature: 0 }, signal)
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

/** So many and a stream is in its stride. */
const STARTED_DELTAS = 8
