// S3b: questions over retrieved passages within a chat. Each question brings other passages, in another order.
import { prefillProfile, ttftMs } from "../http/chat-figures.ts"
import { type ChatMessage, type StreamedChat, streamChat } from "../http/stream-chat.ts"
import { createWords } from "../loads/random-words.ts"
import type { Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { type ChatServer, keepServers } from "../servers/chat-server.ts"
import { standardChoices } from "../servers/standard-choices.ts"
import { percentile } from "../statistics.ts"

const PASSAGES = 8
const RETRIEVED = 5
/** Some 400 tokens. */
const PASSAGE_WORDS = 355

export const retrievedPassages: Scenario = {
  id: "S3b",
  title: "a chat over documents: five of eight passages for each question",
  async prepare(bench, signal) {
    const questions = bench.quick ? 2 : 4
    const choices = await standardChoices(bench, signal)
    const kept = keepServers(choices, async (server, round, measureSignal) => {
      const answers = await askQuestions(server, { seed: 800 + round, questions }, measureSignal)
      return { ttftMs: percentile(answers.map(ttftMs), 0.5), ...prefillProfile(answers) }
    })
    return {
      ...kept,
      comparisons: againstBoth({
        title: "TTFT, median",
        metric: "ttftMs",
        unit: "ms",
        better: "lower",
        goals: { D: 0.5, T: 0.5 },
        heldBack:
          "only an equal beginning can be reused without changing what is said. Passages come in the order of their relevance, which is another one for each question, so that little but the instructions is equal. To move keys and values to other places (T's --cache-reuse does, where it finds long equal runs) gives each passage the past of another question: answers that nobody would get from the prompt alone.",
      }),
      remarks: [
        `${questions} questions in one chat; a system text with ${RETRIEVED} of ${PASSAGES} passages of ${PASSAGE_WORDS} words (some 400 tokens) in the order of their relevance, then the questions and answers so far, as client libraries compose it.`,
      ],
    }
  },
}

async function askQuestions(
  server: ChatServer,
  { seed, questions }: { readonly seed: number; readonly questions: number },
  signal: AbortSignal,
): Promise<readonly StreamedChat[]> {
  const source = createWords(seed)
  const passages = Array.from({ length: PASSAGES }, () => source.words(PASSAGE_WORDS))
  const history: ChatMessage[] = []
  const answers: StreamedChat[] = []
  for (let at = 0; at < questions; at++) {
    const relevance = passages.map((text) => ({ text, score: source.below(1_000_000) }))
    const retrieved = relevance.sort((a, b) => b.score - a.score).slice(0, RETRIEVED)
    const system = `Answer from these passages.\n\n${retrieved.map(({ text }) => text).join("\n\n")}`
    history.push({ role: "user", content: `${source.words(15)} What do the passages say about it?` })
    const messages: readonly ChatMessage[] = [{ role: "system", content: system }, ...history]
    const body = { model: server.model, messages, max_tokens: 16, temperature: 0 }
    const answer = await streamChat(server, body, signal)
    history.push({ role: "assistant", content: answer.text })
    answers.push(answer)
  }
  return answers
}
