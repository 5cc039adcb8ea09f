// Free prose after a short question: nothing of the answer stands in the prompt.
import type { HttpTarget } from "../http/post-json.ts"
import { type StreamedChat, streamChat } from "../http/stream-chat.ts"
import { createWords } from "./random-words.ts"

/** The same seed asks everybody for the same story. */
export async function askForStory(
  server: HttpTarget & { readonly model: string },
  { seed, answerTokens }: { readonly seed: number; readonly answerTokens: number },
  signal: AbortSignal,
): Promise<StreamedChat> {
  const content = `${createWords(seed).words(20)} Write a long story about it.`
  const messages = [{ role: "user", content }] as const
  return await streamChat(
    server,
    { model: server.model, messages, max_tokens: answerTokens, temperature: 0 },
    signal,
  )
}
