// S4: a file is given back with one name changed. What comes out stands in the prompt, so that a server can draft it from there.
import { join } from "node:path"
import { decodeTokensPerSecond } from "../http/chat-figures.ts"
import { streamChat } from "../http/stream-chat.ts"
import { createCodeFile } from "../loads/code-file.ts"
import { requantise } from "../peer/requantise.ts"
import type { Bench, Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { type ChatServer, type KeptServers, keepServers } from "../servers/chat-server.ts"
import { FIRESIDE } from "../servers/fireside-choice.ts"
import { standardChoices } from "../servers/standard-choices.ts"

const Q4_0 = " (Q4_0)"
/** With less to copy the small model writes something of its own. */
const PARTS = 2

export const codeEdit: Scenario = {
  id: "S4",
  title: "a file of code is given back with one change",
  async prepare(bench, signal) {
    const smallPath = await requantise(
      { peer: bench.peer, modelPath: bench.modelPath, type: "Q4_0", note: bench.note },
      signal,
    )
    const given = await serversOf(bench, "", signal)
    const small = await serversOf(
      { ...bench, modelPath: smallPath, workFolder: join(bench.workFolder, "q4_0") },
      Q4_0,
      signal,
    )
    const row = { title: "decode", metric: "decode", unit: "tok/s", better: "higher" as const }
    return {
      contestants: [...given.contestants, ...small.contestants],
      comparisons: [
        ...againstBoth({ ...row, goals: { D: 1, T: 1 }, heldBack: ON_Q4_1 }),
        ...againstBoth({
          ...row,
          subject: `${FIRESIDE}${Q4_0}`,
          suffix: Q4_0,
          goals: { D: 1.8, T: 1.1 },
          heldBack: ON_Q4_0,
        }),
      ],
      remarks: [
        "Python of some 150 tokens a part, one function renamed, the whole file asked for; new names in each round. By tokens, not by deltas: drafted ones come together.",
        "The Q4_0 file is the same model requantised by the peer's own tool: for speed only, its answers are damaged, so that it may copy less faithfully.",
      ],
      async [Symbol.asyncDispose]() {
        await given[Symbol.asyncDispose]()
        await small[Symbol.asyncDispose]()
      },
    }
  },
}

const ON_Q4_1 =
  "the kernel of Q4_1 has no path for several rows at once, so a step that checks a draft costs as much for each row as a step for one."
const ON_Q4_0 =
  "the library's flash attention computes fewer than 64 rows one by one: behind 600 tokens a step of 16 rows takes 5.9 times that of one, where it takes 3.3 without history (llama-bench on 2026-11-30). Sixteen answers, recorded and replayed with such costs, are 1.80 times as fast as without guesses, and 1.94 times if each guess came from the best place that the text has. See `deltaTokens`, too: tokens that came together, on average."

async function serversOf(bench: Bench, suffix: string, signal: AbortSignal): Promise<KeptServers> {
  const standard = await standardChoices(bench, signal)
  const choices = standard.map((choice) => ({ ...choice, name: `${choice.name}${suffix}` }))
  const maxTokens = bench.quick ? 150 : 300
  return keepServers(choices, (server, round, measureSignal) =>
    giveBack(server, { maxTokens, seed: 500 + round }, measureSignal),
  )
}

async function giveBack(
  server: ChatServer,
  { maxTokens, seed }: { readonly maxTokens: number; readonly seed: number },
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const { text, from, to } = createCodeFile({ seed, parts: PARTS })
  const content = `Here is a file:\n\`\`\`python\n${text}\n\`\`\`\nRename the function ${from} to ${to}. Write the whole file again.`
  const messages = [{ role: "user", content }] as const
  const body = { model: server.model, messages, max_tokens: maxTokens, temperature: 0 }
  const chat = await streamChat(server, body, signal)
  return {
    decode: decodeTokensPerSecond(chat),
    deltaTokens: chat.completionTokens / chat.deltaAtMs.length,
    completionTokens: chat.completionTokens,
    copiedShare: copiedShare(chat.text, text),
  }
}

/** Of the lines of the answer, those that stand in the file. */
function copiedShare(answer: string, file: string): number {
  const known = new Set(file.split("\n"))
  const lines = answer.split("\n").filter((line) => line.trim() !== "")
  return lines.length === 0 ? 0 : lines.filter((line) => known.has(line)).length / lines.length
}
