// The three servers that most scenarios compare, each with nothing but what it has by itself.
import type { Bench } from "../scenario.ts"
import type { ServerChoice } from "./chat-server.ts"
import { firesideChoice } from "./fireside-choice.ts"
import { llamaChoice } from "./llama-choice.ts"

/** Ours, the peer by its defaults, and the peer tuned: what `againstBoth` compares. */
export async function standardChoices(bench: Bench, signal: AbortSignal): Promise<readonly ServerChoice[]> {
  return [await firesideChoice(bench, {}, signal), llamaChoice(bench, "D"), llamaChoice(bench, "T")]
}
