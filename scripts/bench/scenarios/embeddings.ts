// S8: chunks of documents become vectors, and eight clients ask for vectors of short queries.
import { embedTexts } from "../http/embed-texts.ts"
import { createWords } from "../loads/random-words.ts"
import type { Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { type ChatServer, keepServers } from "../servers/chat-server.ts"
import { firesideChoice } from "../servers/fireside-choice.ts"
import { llamaChoice } from "../servers/llama-choice.ts"

const CHUNKS_A_REQUEST = 16
/** Some 200 tokens. */
const CHUNK_WORDS = 178
const CLIENTS = 8

export const embeddings: Scenario = {
  id: "S8",
  title: "embeddings: chunks of documents, and short queries of eight clients",
  async prepare(bench, signal) {
    const requests = bench.quick ? 1 : 3
    const queries = bench.quick ? 4 : 16
    const flags = ["--embeddings", "--pooling", "mean"]
    const choices = [
      await firesideChoice(bench, { warmUp }, signal),
      llamaChoice(bench, "D", { flags, warmUp }),
      llamaChoice(bench, "T", { flags, warmUp }),
    ]
    const kept = keepServers(choices, async (server, round, measureSignal) => ({
      chunksPerSecond: await ingest(server, { requests, seed: 1_200 + round }, measureSignal),
      queriesPerSecond: await query(server, { queries, seed: 1_300 + round * CLIENTS }, measureSignal),
    }))
    const row = { unit: "a second", better: "higher" as const }
    return {
      ...kept,
      comparisons: [
        ...againstBoth({
          ...row,
          title: "chunks of 200 tokens",
          metric: "chunksPerSecond",
          goals: { D: 1, T: 1 },
          heldBack:
            "texts are computed together up to the rows of one batch; both sides then do the same arithmetic.",
        }),
        ...againstBoth({
          ...row,
          title: "short queries",
          metric: "queriesPerSecond",
          goals: { D: 1.5, T: 1.2 },
          heldBack:
            "eight texts of some 12 tokens are one batch of 96 rows, and the arithmetic of that is most of the time on both sides: faster than it (here 8 in 92 ms, 87 a second) nothing can be.",
        }),
      ],
      remarks: [
        `${requests * CHUNKS_A_REQUEST} chunks of ${CHUNK_WORDS} words in requests of ${CHUNKS_A_REQUEST}, one after another (the design has 2,000 chunks; the rate does not change with their number); then ${CLIENTS} clients with ${queries} queries of ten words each.`,
        "A chat model whose vectors are averaged: how fast they come, not how good they are.",
      ],
    }
  },
}

async function warmUp(server: ChatServer, signal: AbortSignal): Promise<void> {
  await embedTexts(server, { model: server.model, input: ["hello"] }, signal)
}

async function ingest(
  server: ChatServer,
  { requests, seed }: { readonly requests: number; readonly seed: number },
  signal: AbortSignal,
): Promise<number> {
  const source = createWords(seed)
  let ms = 0
  for (let at = 0; at < requests; at++) {
    const input = Array.from({ length: CHUNKS_A_REQUEST }, () => source.words(CHUNK_WORDS))
    ms += (await embedTexts(server, { model: server.model, input }, signal)).ms
  }
  return (requests * CHUNKS_A_REQUEST * 1_000) / ms
}

async function query(
  server: ChatServer,
  { queries, seed }: { readonly queries: number; readonly seed: number },
  signal: AbortSignal,
): Promise<number> {
  const startedAtMs = performance.now()
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      const source = createWords(seed + client)
      for (let at = 0; at < queries; at++)
        await embedTexts(server, { model: server.model, input: [source.words(10)] }, signal)
    }),
  )
  return (CLIENTS * queries * 1_000) / (performance.now() - startedAtMs)
}
