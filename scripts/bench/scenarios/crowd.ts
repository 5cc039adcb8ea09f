// S2: eight users at once who share a long system prompt, and the same eight once more.
import { decodeTokensPerSecond, makespanMs, prefillProfile, ttftMs } from "../http/chat-figures.ts"
import { type StreamedChat, streamChat } from "../http/stream-chat.ts"
import { askForStory } from "../loads/long-story.ts"
import { createWords } from "../loads/random-words.ts"
import type { Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { type ChatServer, keepServers } from "../servers/chat-server.ts"
import { standardChoices } from "../servers/standard-choices.ts"
import { harmonicMean, percentile } from "../statistics.ts"

const USERS = 8
const SHARED_WORDS = 1_350
const OWN_WORDS = 50
/** One text may go round in circles, which somebody guesses well, and another not. */
const STORIES = 4

export const crowd: Scenario = {
  id: "S2",
  title: "eight users at once with one long system prompt",
  async prepare(bench, signal) {
    const answerTokens = bench.quick ? 16 : 64
    const sharedWords = bench.quick ? 500 : SHARED_WORDS
    const choices = await standardChoices(bench, signal)
    const kept = keepServers(choices, async (server, round, measureSignal) => {
      const shared = createWords(300 + round).words(sharedWords)
      const wave = (number: number) =>
        askAll(server, { shared, seed: 400 + (round * 2 + number) * USERS, answerTokens }, measureSignal)
      const first = await wave(0)
      const second = await wave(1)
      // What the others have left must not be looked through for each token.
      const alone: StreamedChat[] = []
      for (let story = 0; story < STORIES; story++) {
        const seed = 500 + round * STORIES + story
        alone.push(await askForStory(server, { seed, answerTokens: 128 }, measureSignal))
      }
      return {
        ttftP95Ms: percentile(first.map(ttftMs), 0.95),
        makespanMs: makespanMs(first),
        secondTtftP95Ms: percentile(second.map(ttftMs), 0.95),
        secondMakespanMs: makespanMs(second),
        aloneDecode: harmonicMean(alone.map(decodeTokensPerSecond)),
        answerTokens: first.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
        ...prefillProfile(first),
      }
    })
    const rows = [
      { title: "TTFT p95", metric: "ttftP95Ms", goals: { D: 0.35, T: 0.25 }, heldBack: TTFT_HELD_BACK },
      { title: "makespan", metric: "makespanMs", goals: { D: 0.45, T: 0.3 }, heldBack: MAKESPAN_HELD_BACK },
      { title: "second wave, TTFT p95", metric: "secondTtftP95Ms" },
      { title: "second wave, makespan", metric: "secondMakespanMs" },
    ]
    return {
      ...kept,
      comparisons: [
        ...rows.flatMap((row) => againstBoth({ ...row, unit: "ms", better: "lower" })),
        ...againstBoth({
          title: "decode of one who asks after them",
          metric: "aloneDecode",
          unit: "tok/s",
          better: "higher",
        }),
      ],
      remarks: [
        `${USERS} users, ${sharedWords} shared words (some ${Math.round((sharedWords * 1.13) / 100) * 100} tokens), ${OWN_WORDS} own ones, at most ${answerTokens} tokens out; the second wave has new questions, and then one user asks for ${STORIES} stories, one after the other. Each round has a new shared text. Fireside as it comes: it makes room for eight when they ask. T has eight slots, D four.`,
      ],
    }
  },
}

const TTFT_HELD_BACK =
  "`promptTokens` − `cachedTokens` of the median user: the shared text has to be computed once in any case, and is then most of what the last of the eight waits for."
const MAKESPAN_HELD_BACK =
  "after the shared text is there, all eight write together; that decoding takes the same arithmetic on both sides."

async function askAll(
  server: ChatServer,
  work: { readonly shared: string; readonly seed: number; readonly answerTokens: number },
  signal: AbortSignal,
): Promise<readonly StreamedChat[]> {
  const { model } = server
  return await Promise.all(
    Array.from({ length: USERS }, (_, user) => {
      const question = createWords(work.seed + user).words(OWN_WORDS)
      const messages = [
        { role: "system", content: work.shared },
        { role: "user", content: `${question} What do you say to that?` },
      ] as const
      return streamChat(server, { model, messages, max_tokens: work.answerTokens, temperature: 0 }, signal)
    }),
  )
}
