// S1b: six chats that take turns, as in a household or with agents. More chats than streams: whoever comes back finds the others' tokens.
import { prefillProfile, ttftMs } from "../http/chat-figures.ts"
import type { StreamedChat } from "../http/stream-chat.ts"
import { createGrowingChat } from "../loads/growing-chat.ts"
import type { Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { keepServers } from "../servers/chat-server.ts"
import { standardChoices } from "../servers/standard-choices.ts"
import { percentile } from "../statistics.ts"

const CHATS = 6

export const chatsInTurn: Scenario = {
  id: "S1b",
  title: "six chats in turn: time to the first token of turns 2 and later",
  async prepare(bench, signal) {
    const turns = bench.quick ? 2 : 4
    const choices = await standardChoices(bench, signal)
    const kept = keepServers(choices, async (server, round, measureSignal) => {
      const chats = Array.from({ length: CHATS }, (_, at) =>
        createGrowingChat({
          seed: 200 + round * CHATS + at,
          systemWords: 150,
          firstQuestionWords: 450,
          questionWords: 30,
          answerTokens: 16,
        }),
      )
      const later: StreamedChat[] = []
      for (let turn = 1; turn <= turns; turn++) {
        for (const chat of chats) {
          const answer = await chat.ask(server, measureSignal)
          if (turn > 1) later.push(answer)
        }
      }
      return {
        laterTtftMs: percentile(later.map(ttftMs), 0.5),
        laterTtftP95Ms: percentile(later.map(ttftMs), 0.95),
        ...prefillProfile(later),
      }
    })
    const time = { unit: "ms", better: "lower" as const, goals: { D: 0.6, T: 0.8 } }
    return {
      ...kept,
      comparisons: againstBoth({
        ...time,
        title: "TTFT of turns 2+, median",
        metric: "laterTtftMs",
        heldBack:
          "compare `cachedTokens`: where the peer has them too (its idle slots go to a cache in memory by default), the new question is all that is left to compute on either side.",
      }).concat(
        againstBoth({
          unit: "ms",
          better: "lower",
          title: "TTFT of turns 2+, p95",
          metric: "laterTtftP95Ms",
        }),
      ),
      remarks: [
        `${CHATS} chats one after another, ${turns} turns each: a system text of 150 words and a first question of 450, then questions of 30, answers of at most 16 tokens. Fireside and D have four streams, T has eight.`,
      ],
    }
  },
}
