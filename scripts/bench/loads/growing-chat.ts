// A conversation as chat programs send it: the whole history again with each turn, the answers as they came.
import type { HttpTarget } from "../http/post-json.ts"
import { type ChatMessage, type StreamedChat, streamChat } from "../http/stream-chat.ts"
import { createWords, type WordSource } from "./random-words.ts"

export interface GrowingChat {
  /** Asks the next question and takes the answer into the history. */
  ask(server: HttpTarget & { readonly model: string }, signal: AbortSignal): Promise<StreamedChat>
}

export interface GrowingChatOptions {
  /** The same seed gives the same questions to everybody. */
  readonly seed: number
  readonly systemWords: number
  readonly questionWords: number
  readonly answerTokens: number
  /** Words of the first question in place of `questionWords`: something pasted. */
  readonly firstQuestionWords?: number
}

export function createGrowingChat(options: GrowingChatOptions): GrowingChat {
  const { seed, systemWords, questionWords, answerTokens, firstQuestionWords = questionWords } = options
  const source = createWords(seed)
  const messages: ChatMessage[] = [{ role: "system", content: `You help. ${source.words(systemWords)}` }]
  let count = firstQuestionWords
  return {
    async ask(server, signal) {
      messages.push({ role: "user", content: question(source, count) })
      count = questionWords
      const body = { model: server.model, messages, max_tokens: answerTokens, temperature: 0 }
      const chat = await streamChat(server, body, signal)
      messages.push({ role: "assistant", content: chat.text })
      return chat
    },
  }
}

function question(source: WordSource, words: number): string {
  return `${source.words(words)} Tell me what you think of it.`
}
