// S5b: from starting the program to the first token, model present; against llama-server asked as soon as it answers.
import { join } from "node:path"
import {
  bundleCommand,
  type FiresideCommand,
  importModel,
  sourceCommand,
  timeAnswer,
} from "../ours/fireside-command.ts"
import {
  chatWhenLoaded,
  librariesOf,
  type ServerVariant,
  startServer,
  variantFlags,
} from "../peer/llama-server.ts"
import type { Contestant, Scenario } from "../scenario.ts"

const GOAL = 1.2
const MODEL_NAME = "bench"
const QUESTION = "What is the capital of France? Answer in one sentence."
const MAX_TOKENS = 16

export const coldStart: Scenario = {
  id: "S5b",
  title: "program started → first token, model present",
  async prepare(bench, signal) {
    const home = join(bench.workFolder, "home")
    const source = sourceCommand(bench.root, home)
    const bundle = bundleCommand(bench.root, home)
    await importModel(source, { path: bench.modelPath, name: MODEL_NAME }, signal)
    const commands = bundle === undefined ? [source] : [bundle, source]
    // Once each for the caches of compiled code and of the disk, as on any machine where it ran before.
    for (const command of commands) await timeAnswer(command, arguments_, signal)

    const contestants = [...commands.map(ours), server("D", bench), server("T", bench)]
    return {
      contestants,
      comparisons: commands.flatMap((command) =>
        (["D", "T"] as const).map((variant) => ({
          title: "exec → first token",
          metric: "firstTokenMs",
          unit: "ms",
          subject: nameOf(command),
          against: `llama-server ${variant}`,
          better: "lower" as const,
          // What is installed is the bundle; the sources are for developers.
          ...(command.kind === "bundle" || bundle === undefined ? { goal: GOAL } : {}),
        })),
      ),
      remarks: [
        `Question: “${QUESTION}”, temperature 0. Fireside is timed to the first byte on standard output, llama-server to the first delta of a streamed chat over loopback, asked again every 3 ms until it has loaded.`,
        ...(bundle === undefined
          ? ["There is no dist/: only the sources were measured. Run `npm run build` first."]
          : []),
      ],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  },
}

const arguments_ = [
  "run",
  MODEL_NAME,
  QUESTION,
  "--temperature",
  "0",
  "--max-tokens",
  String(MAX_TOKENS),
] as const

const nameOf = (command: FiresideCommand) => `fireside run (${command.kind})`

function ours(command: FiresideCommand): Contestant {
  return {
    name: nameOf(command),
    description: `node ${command.kind === "bundle" ? "dist/fireside.js" : "packages/cli/src/main.ts"} run, prebuilt libraries`,
    async measure(signal) {
      const { firstTokenMs, wholeMs } = await timeAnswer(command, arguments_, signal)
      return { firstTokenMs, wholeMs }
    },
  }
}

function server(variant: ServerVariant, bench: Parameters<Scenario["prepare"]>[0]): Contestant {
  return {
    name: `llama-server ${variant}`,
    description: `${variantFlags(variant, bench.hardware.physicalCores).join(" ") || "its defaults"}, ${librariesOf(bench.peer) === "prebuilt" ? "with the engine's prebuilt libraries" : "its own build"}`,
    async measure(signal) {
      const options = {
        peer: bench.peer,
        modelPath: bench.modelPath,
        variant,
        threads: bench.hardware.physicalCores,
      }
      await using running = await startServer(options)
      const messages = [{ role: "user", content: QUESTION }] as const
      const body = { model: MODEL_NAME, messages, max_tokens: MAX_TOKENS, temperature: 0 }
      const { deltaAtMs } = await chatWhenLoaded(running, body, signal)
      const first = deltaAtMs[0]
      const last = deltaAtMs.at(-1)
      if (first === undefined || last === undefined) throw new Error("llama-server streamed no text")
      return { firstTokenMs: first - running.startedAtMs, wholeMs: last - running.startedAtMs }
    },
  }
}
