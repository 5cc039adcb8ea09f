// S4f: free prose, where nothing can be copied: whoever drafts must notice that it does not pay.
import { decodeTokensPerSecond } from "../http/chat-figures.ts"
import { askForStory } from "../loads/long-story.ts"
import { librariesOf } from "../peer/llama-server.ts"
import type { Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { keepServers } from "../servers/chat-server.ts"
import { FIRESIDE } from "../servers/fireside-choice.ts"
import { llamaChoice } from "../servers/llama-choice.ts"
import { standardChoices } from "../servers/standard-choices.ts"

export const freeProse: Scenario = {
  id: "S4f",
  title: "free prose",
  timesRounds: 3,
  async prepare(bench, signal) {
    const answerTokens = bench.quick ? 96 : 256
    const choices = await standardChoices(bench, signal)
    const isPrebuilt = librariesOf(bench.peer) === "prebuilt"
    const native = llamaChoice(bench, "D", { libraries: "native" })
    const kept = keepServers(
      isPrebuilt ? [...choices, native] : choices,
      async (server, round, measureSignal) => {
        const chat = await askForStory(server, { seed: 600 + round, answerTokens }, measureSignal)
        return {
          decode: decodeTokensPerSecond(chat),
          deltaTokens: chat.completionTokens / chat.deltaAtMs.length,
          completionTokens: chat.completionTokens,
        }
      },
    )
    const row = { title: "decode", metric: "decode", unit: "tok/s", better: "higher" as const }
    return {
      ...kept,
      comparisons: [
        ...againstBoth({
          ...row,
          goals: { D: 0.98, T: 0.98 },
          heldBack:
            "both run the same kernels; what is left is our work between two batches, and the way of a token through two processes to the socket.",
        }),
        ...(isPrebuilt ? [{ ...row, subject: FIRESIDE, against: native.name }] : []),
      ],
      remarks: [`At most ${answerTokens} tokens at temperature 0, after a short question.`],
    }
  },
}
