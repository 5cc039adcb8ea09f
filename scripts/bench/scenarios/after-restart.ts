// S1c: somebody comes back to a long chat after the server was restarted, or after the model was unloaded.
import { Agent } from "node:http"
import { ttftMs } from "../http/chat-figures.ts"
import { type ChatMessage, type StreamedChat, streamChat } from "../http/stream-chat.ts"
import { createWords } from "../loads/random-words.ts"
import type { FiresideCommand } from "../ours/fireside-command.ts"
import { serveFireside } from "../ours/fireside-server.ts"
import {
  chatWhenLoaded,
  librariesOf,
  type ServerVariant,
  startServer,
  variantFlags,
} from "../peer/llama-server.ts"
import { runTool } from "../run-tool.ts"
import type { Bench, Contestant, Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { describeFireside, FIRESIDE, MODEL_NAME, prepareFireside } from "../servers/fireside-choice.ts"
import { describeLibraries } from "../servers/llama-choice.ts"

const HISTORY_WORDS = 2_650
const MAX_TOKENS = 8

export const afterRestart: Scenario = {
  id: "S1c",
  title: "back to a long chat after a restart: time to the first token, loading included",
  async prepare(bench, signal) {
    const words = bench.quick ? 800 : HISTORY_WORDS
    const { command, home } = await prepareFireside(bench, {}, signal)
    const time = { unit: "ms", better: "lower" as const, goals: { D: 0.2, T: 0.2 }, heldBack: HELD_BACK }
    return {
      contestants: [ours(command, { home, words }), peer("D", bench, words), peer("T", bench, words)],
      comparisons: [
        ...againstBoth({ ...time, title: "exec → first token", metric: "restartMs" }),
        ...againstBoth({ ...time, title: "model unloaded: request → first token", metric: "unloadedMs" }),
      ],
      remarks: [
        `A history of some ${words} words (${Math.round((words * 1.13) / 100) * 100} tokens), one more question. The peer's server has no way to unload but its end, so that it is compared with the same restart in both rows.`,
        "Ours answers the history once before, in the same data folder; then the server ends in the usual way and is started again.",
      ],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  },
}

const HELD_BACK =
  "`cachedTokens` says what came back from the disk; what did not is computed again, and is most of the time. The rest is the start of two processes and the reading of the weights."

function ours(
  command: FiresideCommand,
  { home, words }: { readonly home: string; readonly words: number },
): Contestant {
  let round = 0
  const { node, entry, env } = command
  return {
    name: FIRESIDE,
    description: describeFireside(command),
    async measure(signal) {
      const chat = createHistory(words, 900 + round++)
      const agent = new Agent({ keepAlive: true })
      const ask = (url: string): Promise<StreamedChat> => chat.ask({ url, model: MODEL_NAME, agent }, signal)
      try {
        {
          await using served = await serveFireside(command, { home, engine: "llama" }, signal)
          await ask(served.url)
        }
        await using served = await serveFireside(command, { home, engine: "llama" }, signal)
        const restarted = await ask(served.url)
        await runTool(node, [entry, "stop", MODEL_NAME], { env }, signal)
        const unloaded = await ask(served.url)
        return {
          restartMs: (restarted.deltaAtMs[0] ?? 0) - served.startedAtMs,
          unloadedMs: ttftMs(unloaded),
          promptTokens: restarted.promptTokens,
          cachedTokens: restarted.cachedTokens,
          unloadedCachedTokens: unloaded.cachedTokens,
        }
      } finally {
        agent.destroy()
      }
    },
  }
}

function peer(variant: ServerVariant, bench: Bench, words: number): Contestant {
  let round = 0
  const threads = bench.hardware.physicalCores
  return {
    name: `llama-server ${variant}`,
    description: `${variantFlags(variant, threads).join(" ") || "its defaults"}, ${describeLibraries(librariesOf(bench.peer))}; asked again every 3 ms until it has loaded`,
    async measure(signal) {
      const options = { peer: bench.peer, modelPath: bench.modelPath, variant, threads }
      await using running = await startServer(options)
      const history = createHistory(words, 900 + round++)
      history.pretendAnswer()
      const chat = await chatWhenLoaded(running, history.body("any"), signal)
      const restartMs = (chat.deltaAtMs[0] ?? 0) - running.startedAtMs
      return {
        restartMs,
        unloadedMs: restartMs,
        promptTokens: chat.promptTokens,
        cachedTokens: chat.cachedTokens,
      }
    },
  }
}

/** A long chat and a question more each time that it is asked. */
function createHistory(words: number, seed: number) {
  const source = createWords(seed)
  const turn = Math.round(words / (2 * TURNS))
  const messages: ChatMessage[] = Array.from({ length: TURNS }, () => [
    { role: "user" as const, content: source.words(turn) },
    { role: "assistant" as const, content: source.words(turn) },
  ]).flat()
  const body = (model: string) => {
    messages.push({ role: "user", content: `${source.words(12)} What do you think of it now?` })
    return { model, messages, max_tokens: MAX_TOKENS, temperature: 0 }
  }
  return {
    body,
    /** The turn that ours has answered before the restart. */
    pretendAnswer() {
      body("any")
      messages.push({ role: "assistant", content: source.words(MAX_TOKENS) })
    },
    async ask(
      { url, agent, model }: { readonly url: string; readonly agent: Agent; readonly model: string },
      signal: AbortSignal,
    ): Promise<StreamedChat> {
      const chat = await streamChat({ url, agent }, body(model), signal)
      messages.push({ role: "assistant", content: chat.text })
      return chat
    },
  }
}

const TURNS = 5
