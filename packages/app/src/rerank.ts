// How relevant documents are to a query: the cosine of their embeddings.
import { AppError, RERANK_LIMITS } from "@fireside/protocol"
import type { App } from "./app.ts"
import { createEmbed } from "./embed.ts"
import type { Scheduling } from "./take-model.ts"

export function createRerank(scheduling: Scheduling): App["rerank"] {
  const embed = createEmbed(scheduling)
  return async ({ model, query, documents }, options, signal) => {
    requireInputs(query, documents)
    const answer = await embed({ model, texts: [query, ...documents] }, options, signal)
    const [of, ...vectors] = answer.vectors
    if (of === undefined || vectors.length !== documents.length) throw new Error("a vector is missing")
    const { promptTokens, totalMs } = answer
    return { model: answer.model, scores: vectors.map((vector) => cosine(of, vector)), promptTokens, totalMs }
  }
}

function requireInputs(query: string, documents: readonly string[]): void {
  if (documents.length > RERANK_LIMITS.documents)
    throw new AppError("bad-request", {
      message: `${documents.length} documents; at most ${RERANK_LIMITS.documents} are compared by one request.`,
    })
  if (documents.length === 0)
    throw new AppError("bad-request", { message: "There are no documents to compare with the query." })
  if (query === "") throw new AppError("bad-request", { message: "The query is empty." })
  const at = documents.indexOf("")
  if (at < 0) return
  throw new AppError("bad-request", {
    message: `Document ${at} is empty.`,
    hint: "Documents are counted from 0.",
    details: { index: at },
  })
}

/** −1…1; 0 for a vector without a direction. */
function cosine(left: Float32Array, right: Float32Array): number {
  let dot = 0
  let leftSquare = 0
  let rightSquare = 0
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0
    dot += value * other
    leftSquare += value * value
    rightSquare += other * other
  }
  const length = Math.sqrt(leftSquare) * Math.sqrt(rightSquare)
  return length === 0 ? 0 : dot / length
}
