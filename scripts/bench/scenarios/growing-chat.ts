// S1a: one chat that grows. Nothing but the newest question is new to a server that kept what it computed.
import { prefillProfile, ttftMs } from "../http/chat-figures.ts"
import { createGrowingChat } from "../loads/growing-chat.ts"
import type { Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { keepServers } from "../servers/chat-server.ts"
import { standardChoices } from "../servers/standard-choices.ts"
import { percentile } from "../statistics.ts"

export const growingChat: Scenario = {
  id: "S1a",
  title: "one growing chat: time to the first token of turns 2 and later",
  async prepare(bench, signal) {
    const turns = bench.quick ? 4 : 12
    const choices = await standardChoices(bench, signal)
    const kept = keepServers(choices, async (server, round, measureSignal) => {
      const chat = createGrowingChat({
        seed: 100 + round,
        systemWords: 150,
        questionWords: 60,
        answerTokens: 24,
      })
      const first = await chat.ask(server, measureSignal)
      const later = []
      for (let turn = 2; turn <= turns; turn++) later.push(await chat.ask(server, measureSignal))
      return {
        firstTtftMs: ttftMs(first),
        laterTtftMs: percentile(later.map(ttftMs), 0.5),
        laterTtftP95Ms: percentile(later.map(ttftMs), 0.95),
        ...prefillProfile(later),
      }
    })
    const time = { unit: "ms", better: "lower" as const }
    return {
      ...kept,
      comparisons: [
        ...againstBoth({
          ...time,
          title: "TTFT of turns 2+, median",
          metric: "laterTtftMs",
          goals: { D: 1.05, T: 1.05 },
          heldBack:
            "both sides compute the same new tokens; what differs is our own way from the request to the batch and from the token to the stream (`otherMs`).",
        }),
        ...againstBoth({ ...time, title: "TTFT of turn 1", metric: "firstTtftMs" }),
      ],
      remarks: [
        `${turns} turns, a system text of 150 words, questions of 60, answers of at most 24 tokens; the history goes with every turn.`,
      ],
    }
  },
}
