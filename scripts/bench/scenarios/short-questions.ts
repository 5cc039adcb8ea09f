// Several users with short questions of their own, again and again: nothing to share, so that all depends on whether they are computed together.
import { makespanMs } from "../http/chat-figures.ts"
import { streamChat } from "../http/stream-chat.ts"
import { createWords } from "../loads/random-words.ts"
import type { Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { type ChatServer, keepServers } from "../servers/chat-server.ts"
import { standardChoices } from "../servers/standard-choices.ts"

/** As many as D has slots, and as T has. */
const FEW = 4
const MANY = 8
const WAVES = 3
const OWN_WORDS = 6
const GOAL = 0.97

export const shortQuestions: Scenario = {
  id: "questions",
  title: "several users with short questions",
  async prepare(bench, signal) {
    const answerTokens = bench.quick ? 16 : 48
    const choices = await standardChoices(bench, signal)
    const kept = keepServers(choices, async (server, round, measureSignal) => {
      const rate = async (users: number) => {
        let rates = 0
        for (let wave = 0; wave < WAVES; wave++) {
          const seed = 700 + ((round * WAVES + wave) * 2 + (users === MANY ? 1 : 0)) * MANY
          rates += await waveRate(server, { users, seed, answerTokens }, measureSignal)
        }
        return rates / WAVES
      }
      return { few: await rate(FEW), many: await rate(MANY) }
    })
    const row = { unit: "tok/s", better: "higher" as const, goals: { D: GOAL, T: GOAL }, heldBack: HELD_BACK }
    return {
      ...kept,
      comparisons: [
        ...againstBoth({ ...row, title: `${FEW} users`, metric: "few" }),
        ...againstBoth({ ...row, title: `${MANY} users`, metric: "many" }),
      ],
      remarks: [
        `Each asks about ${OWN_WORDS} words and gets at most ${answerTokens} tokens; all tokens of the answers over the whole time, mean of ${WAVES} waves. T has eight slots, D four.`,
      ],
    }
  },
}

const HELD_BACK =
  "streams that decode are one pass through the weights only where the numbers of their sequences follow each other (decision 0032)."

/** Tokens a second, of all answers. */
async function waveRate(
  server: ChatServer,
  work: { readonly users: number; readonly seed: number; readonly answerTokens: number },
  signal: AbortSignal,
): Promise<number> {
  const { model } = server
  const answers = await Promise.all(
    Array.from({ length: work.users }, (_, user) => {
      const content = `Tell me about ${createWords(work.seed + user).words(OWN_WORDS)}.`
      const messages = [{ role: "user", content }] as const
      return streamChat(server, { model, messages, max_tokens: work.answerTokens, temperature: 0 }, signal)
    }),
  )
  const tokens = answers.reduce((sum, { completionTokens }) => sum + completionTokens, 0)
  return (1_000 * tokens) / makespanMs(answers)
}
