// S3c: the first question about a document that was computed ahead, against a server that meets it with the question.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { prefillProfile, ttftMs } from "../http/chat-figures.ts"
import { streamChat } from "../http/stream-chat.ts"
import { createWords } from "../loads/random-words.ts"
import type { FiresideCommand } from "../ours/fireside-command.ts"
import { serveFireside } from "../ours/fireside-server.ts"
import { runTool } from "../run-tool.ts"
import type { Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { keepServers } from "../servers/chat-server.ts"
import { FIRESIDE, firesideChoice, MODEL_NAME } from "../servers/fireside-choice.ts"
import { llamaChoice } from "../servers/llama-choice.ts"

const DOCUMENT_WORDS = 2_650

export const pinnedDocument: Scenario = {
  id: "S3c",
  title: "the first question about a pinned document",
  async prepare(bench, signal) {
    const words = bench.quick ? 800 : DOCUMENT_WORDS
    const documents = Array.from({ length: bench.rounds }, (_, at) => createWords(1_400 + at).words(words))
    const afterImport = async (command: FiresideCommand, pinSignal: AbortSignal) => {
      const { node, entry, env } = command
      // Through the server, which ends then: what the rounds find lies on the disk.
      const home = join(bench.workFolder, "home")
      await using _server = await serveFireside(command, { home, engine: "llama" }, pinSignal)
      for (const [at, document] of documents.entries()) {
        const path = join(bench.workFolder, `document-${at}.txt`)
        writeFileSync(path, document)
        const args = [entry, "cache", "pin", path, "--model", MODEL_NAME]
        await runTool(node, args, { env }, pinSignal)
      }
    }
    const choices = [
      await firesideChoice(bench, { afterImport }, signal),
      llamaChoice(bench, "D"),
      llamaChoice(bench, "T"),
    ]
    const kept = keepServers(choices, async (server, round, measureSignal) => {
      const document = documents[round] ?? ""
      const messages = [
        { role: "system", content: document },
        { role: "user", content: "What is this about? Answer in one sentence." },
      ] as const
      const body = { model: server.model, messages, max_tokens: 8, temperature: 0 }
      const chat = await streamChat(server, body, measureSignal)
      return { ttftMs: ttftMs(chat), ...prefillProfile([chat]) }
    })
    return {
      ...kept,
      comparisons: againstBoth({
        title: "TTFT of the first question",
        metric: "ttftMs",
        unit: "ms",
        better: "lower",
        subject: FIRESIDE,
        goals: { D: 0.1, T: 0.1 },
        heldBack:
          "`cachedTokens` says what came back from the disk; the question itself, and the reading of the document's keys and values, remain.",
      }),
      remarks: [
        `A document of ${words} words (some ${Math.round((words * 1.13) / 100) * 100} tokens) as the system text, another one in each round, computed ahead by \`fireside cache pin\` through a server that was then started anew. The peer has no such thing: it meets each with its question.`,
      ],
    }
  },
}
