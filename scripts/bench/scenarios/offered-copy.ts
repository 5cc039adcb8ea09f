// The right file for this machine: the same questions to the copy that Fireside offers, and to the file as it came.
import { join } from "node:path"
import { decodeTokensPerSecond, ttftMs } from "../http/chat-figures.ts"
import { createGrowingChat } from "../loads/growing-chat.ts"
import { askForStory } from "../loads/long-story.ts"
import type { FiresideCommand } from "../ours/fireside-command.ts"
import { runTool } from "../run-tool.ts"
import type { Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { type ChatServer, keepServers } from "../servers/chat-server.ts"
import { FIRESIDE, firesideChoice, MODEL_NAME } from "../servers/fireside-choice.ts"
import { llamaChoice } from "../servers/llama-choice.ts"
import { percentile } from "../statistics.ts"

const COPY = `${FIRESIDE} (copy in Q8_0)`
/** It compares both files over a text and measures their speed. */
const CONVERT_MS = 300_000

export const offeredCopy: Scenario = {
  id: "copy",
  title: "the copy that Fireside offers, against the file as it came",
  async prepare(bench, signal) {
    const answerTokens = bench.quick ? 48 : 128
    const convert = async ({ node, entry, env }: FiresideCommand, convertSignal: AbortSignal) => {
      // Kept whatever it brings: where it is no faster, the rows say so.
      const args = [entry, "convert", MODEL_NAME, "--to", "q8_0", "--force"]
      await runTool(node, args, { env, timeoutMs: CONVERT_MS }, convertSignal)
    }
    const copyBench = { ...bench, workFolder: join(bench.workFolder, "copy") }
    const choices = [
      await firesideChoice(copyBench, { name: COPY, afterImport: convert }, signal),
      await firesideChoice(bench, {}, signal),
      llamaChoice(bench, "D"),
      llamaChoice(bench, "T"),
    ]
    const kept = keepServers(choices, (server, round, measureSignal) =>
      talk(server, { round, answerTokens }, measureSignal),
    )
    const rows = [
      { title: "TTFT of turn 1", metric: "firstTtftMs", unit: "ms", better: "lower" as const },
      { title: "TTFT of turns 2+, median", metric: "laterTtftMs", unit: "ms", better: "lower" as const },
      { title: "decode", metric: "decode", unit: "tok/s", better: "higher" as const },
    ]
    return {
      ...kept,
      comparisons: rows.flatMap((row) => [
        { ...row, subject: COPY, against: FIRESIDE },
        ...againstBoth({ ...row, subject: COPY }),
      ]),
      remarks: [
        `\`fireside convert\`, which \`pull\` and \`show\` offer where the processor's kernels are faster for another type; the peer has the file as it came. A chat of four turns, and then a story of at most ${answerTokens} tokens. The weights are those of the file to half a step of Q8_0; what that changes in the answers, the command measures (KL) before it keeps a copy. It takes half as much memory again.`,
      ],
    }
  },
}

async function talk(
  server: ChatServer,
  { round, answerTokens }: { readonly round: number; readonly answerTokens: number },
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const chat = createGrowingChat({
    seed: 1_500 + round,
    systemWords: 150,
    firstQuestionWords: 250,
    questionWords: 60,
    answerTokens: 16,
  })
  const first = await chat.ask(server, signal)
  const later = [
    await chat.ask(server, signal),
    await chat.ask(server, signal),
    await chat.ask(server, signal),
  ]
  const story = await askForStory(server, { seed: 1_600 + round, answerTokens }, signal)
  return {
    firstTtftMs: ttftMs(first),
    laterTtftMs: percentile(later.map(ttftMs), 0.5),
    decode: decodeTokensPerSecond(story),
  }
}
