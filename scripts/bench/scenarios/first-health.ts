// S5a: from starting the server to its first answer of health, no model loaded.
import { join } from "node:path"
import { bundleCommand, sourceCommand } from "../ours/fireside-command.ts"
import { serveFireside } from "../ours/fireside-server.ts"
import { librariesOf, type ServerVariant, startServer, variantFlags } from "../peer/llama-server.ts"
import type { Bench, Contestant, Scenario } from "../scenario.ts"
import { againstBoth } from "../servers/against-both.ts"
import { describeFireside, FIRESIDE } from "../servers/fireside-choice.ts"
import { describeLibraries } from "../servers/llama-choice.ts"

const AIM_MS = 250

export const firstHealth: Scenario = {
  id: "S5a",
  title: "server started → /health",
  async prepare(bench, signal) {
    const home = join(bench.workFolder, "home")
    const command = bundleCommand(bench.root, home) ?? sourceCommand(bench.root, home)
    const serve = (serveSignal: AbortSignal) => serveFireside(command, { home, engine: "llama" }, serveSignal)
    // For the caches of compiled code, as on any machine where it ran before.
    await (await serve(signal))[Symbol.asyncDispose]()
    const row = { title: "exec → /health", metric: "healthMs", unit: "ms", better: "lower" as const }
    const ours: Contestant = {
      name: FIRESIDE,
      description: describeFireside(command),
      async measure(measureSignal) {
        await using served = await serve(measureSignal)
        return { healthMs: served.healthMs }
      },
    }
    const aim: Contestant = {
      name: "aim",
      description: "the aim of the design",
      measure: () => Promise.resolve({ healthMs: AIM_MS }),
    }
    return {
      contestants: [ours, aim, peer("D", bench), peer("T", bench)],
      comparisons: [
        {
          ...row,
          subject: FIRESIDE,
          against: aim.name,
          goal: 1,
          heldBack:
            "most of it is Node's own start and the reading of compiled code; the database and the settings come after that, before the socket listens.",
        },
        ...againstBoth(row),
      ],
      remarks: [
        "Ours has no model loaded then and loads it for the first request; llama-server has loaded its model when it answers. S5b compares both to the first token.",
      ],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  },
}

function peer(variant: ServerVariant, bench: Bench): Contestant {
  const threads = bench.hardware.physicalCores
  return {
    name: `llama-server ${variant}`,
    description: `${variantFlags(variant, threads).join(" ") || "its defaults"}, ${describeLibraries(librariesOf(bench.peer))}`,
    async measure(signal) {
      await using running = await startServer({
        peer: bench.peer,
        modelPath: bench.modelPath,
        variant,
        threads,
      })
      await running.healthy(signal)
      return { healthMs: performance.now() - running.startedAtMs }
    },
  }
}
