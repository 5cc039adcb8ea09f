// How relevant documents are to a query.
import type { App } from "./app.ts"
import type { Generation } from "./chat.ts"
import { later } from "./later.ts"

export function createRerank(_generation: Generation): App["rerank"] {
  return later
}
