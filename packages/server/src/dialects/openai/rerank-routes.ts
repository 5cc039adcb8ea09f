// POST /v1/rerank: how relevant documents are to a query, best first. The form that Jina's, Cohere's and llama.cpp's clients share.
import { HTTP_LIMITS, RERANK_LIMITS, z } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { KeepAlive } from "../keep-alive.ts"
import { ignoredHeader, readFields } from "../read-fields.ts"
import { runOptions } from "./run-options.ts"

const RerankBody = z.object({
  model: z.string().min(1),
  query: z.string().min(1),
  documents: z
    .array(z.union([z.string(), z.object({ text: z.string() })]))
    .min(1)
    .max(RERANK_LIMITS.documents),
  /** More than there are documents is all of them. */
  top_n: z.int().min(1).nullish(),
  return_documents: z.boolean().nullish(),
  keep_alive: KeepAlive.nullish(),
})

const RerankAnswer = z.object({
  object: z.literal("list"),
  model: z.string(),
  results: z.array(
    z.object({
      index: z.int(),
      relevance_score: z.number(),
      document: z.object({ text: z.string() }).optional(),
    }),
  ),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
})

export const rerankRoutes: readonly Route[] = ["/v1/rerank", "/rerank", "/v1/reranking", "/reranking"].map(
  (path): Route => ({
    method: "POST",
    path,
    dialect: "openai",
    access: "embed",
    summary: "Orders documents by their relevance to a query.",
    body: { type: "json", schema: RerankBody, limitBytes: HTTP_LIMITS.embedBodyBytes },
    response: RerankAnswer,
    handle: rerank,
  }),
)

async function rerank(exchange: Exchange): Promise<Reply> {
  const { value, ignored } = readFields(RerankBody, exchange.body)
  const { model, query } = value
  const documents = value.documents.map((it) => (typeof it === "string" ? it : it.text))
  const options = runOptions(exchange, value.keep_alive ?? undefined)
  const answer = await exchange.app.rerank({ model, query, documents }, options, exchange.signal)
  const results = documents
    .map((text, index) => ({
      index,
      relevance_score: answer.scores[index] ?? 0,
      ...(value.return_documents === true ? { document: { text } } : {}),
    }))
    // Equal ones stay in the order they came.
    .sort((left, right) => right.relevance_score - left.relevance_score)
    .slice(0, value.top_n ?? documents.length)
  return {
    type: "json",
    body: {
      object: "list",
      model,
      results,
      usage: { prompt_tokens: answer.promptTokens, total_tokens: answer.promptTokens },
    },
    headers: ignoredHeader(ignored),
  }
}
