// S10: eight users of four adapters of one model, at once.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { makespanMs, ttftMs } from "../http/chat-figures.ts"
import { streamChat } from "../http/stream-chat.ts"
import { writeRandomAdapter } from "../loads/random-adapter.ts"
import { createWords } from "../loads/random-words.ts"
import { runTool } from "../run-tool.ts"
import type { Bench, Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { keepServers } from "../servers/chat-server.ts"
import { FIRESIDE, firesideChoice, MODEL_NAME } from "../servers/fireside-choice.ts"
import { llamaChoice } from "../servers/llama-choice.ts"
import { percentile } from "../statistics.ts"

const USERS = 8
const ADAPTERS = 4
const RANK = 16

export const adapters: Scenario = {
  id: "S10",
  title: "eight users of four adapters at once",
  async prepare(bench, signal) {
    const answerTokens = bench.quick ? 16 : 48
    const paths = await writeAdapters(bench)
    const afterImport = async (
      { node, entry, env }: { node: string; entry: string; env: Readonly<Record<string, string>> },
      createSignal: AbortSignal,
    ) => {
      for (const [at, path] of paths.entries()) {
        const modelfile = join(bench.workFolder, `Modelfile-${at}`)
        writeFileSync(modelfile, `FROM ${MODEL_NAME}\nADAPTER ${path}\n`)
        await runTool(node, [entry, "create", adapted(at), "--file", modelfile], { env }, createSignal)
      }
    }
    const flags = ["--lora", paths.join(","), "--lora-init-without-apply"]
    const shownFlags = `--lora with ${ADAPTERS} files, --lora-init-without-apply`
    const choices = [
      await firesideChoice(bench, { flags: ["--parallel", String(USERS)], afterImport }, signal),
      llamaChoice(bench, "D", { flags, shownFlags }),
      llamaChoice(bench, "T", { flags, shownFlags }),
    ]
    const kept = keepServers(choices, async (server, round, measureSignal) => {
      const isOurs = server.model === MODEL_NAME
      const chats = await Promise.all(
        Array.from({ length: USERS }, (_, user) => {
          const adapter = user % ADAPTERS
          const content = `${createWords(1_000 + round * USERS + user).words(150)} Write a story about it.`
          const body = {
            model: isOurs ? adapted(adapter) : server.model,
            messages: [{ role: "user", content }] as const,
            max_tokens: answerTokens,
            temperature: 0,
            ...(isOurs ? {} : { lora: paths.map((_, id) => ({ id, scale: id === adapter ? 1 : 0 })) }),
          }
          return streamChat(server, body, measureSignal)
        }),
      )
      const tokens = chats.reduce((sum, { completionTokens }) => sum + completionTokens, 0)
      return {
        tokensPerSecond: (tokens * 1_000) / makespanMs(chats),
        ttftP95Ms: percentile(chats.map(ttftMs), 0.95),
        answerTokens: tokens,
      }
    })
    return {
      ...kept,
      comparisons: againstBoth({
        title: "all answer tokens over the makespan",
        metric: "tokensPerSecond",
        unit: "tok/s",
        better: "higher",
        goals: { D: 1.5, T: 1.5 },
        subject: FIRESIDE,
        heldBack:
          "no decode may mix adapters, on either side; the rows of one adapter are what a step can hold, two here, and each adapter's product is computed beside the weights' own.",
      }),
      remarks: [
        `Adapters of rank ${RANK} on the queries and values of every layer, random numbers. Two users each, 150 words in, at most ${answerTokens} tokens out. Ours are models made with ADAPTER, the peer's are named in each request.`,
      ],
    }
  },
}

const adapted = (at: number): string => `adapted-${at}`

async function writeAdapters({ modelPath, workFolder }: Bench): Promise<readonly string[]> {
  const paths = Array.from({ length: ADAPTERS }, (_, at) => join(workFolder, `adapter-${at}.gguf`))
  for (const [at, path] of paths.entries())
    await writeRandomAdapter({ modelPath, path, seed: 1_100 + at, rank: RANK })
  return paths
}
