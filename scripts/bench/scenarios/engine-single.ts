// Prefill and decode of one stream, against llama-bench on the same file.
import { openEngine } from "../ours/engine-under-test.ts"
import { llamaBench, type PeerRun } from "../peer/peer-binaries.ts"
import type { Contestant, Scenario } from "../scenario.ts"

const GOAL = 0.97
/** Time stamps at twenty places of 470 steps, on the slowest machine so far; without the decode between them the same work was repeated. */
const HELD_BACK =
  "the library's own decode takes as long on both sides; between two of them our own work takes 2.5 % of a step (0.32 ms of 12.8: 0.08 for the likeliest of 49,152 logits, 0.03 for text, the rest for planning, guesses, threads and messages; 0.1 where no decode drives its code and data out of the caches), and llama-bench does none of it. With larger models the work is the same and the step longer."

export const engineSingle: Scenario = {
  id: "engine",
  title: "prefill and decode of one stream",
  timesRounds: 3,
  async prepare(bench, signal) {
    const promptTokens = bench.quick ? 128 : 512
    const generateTokens = bench.quick ? 32 : 128
    const settings = {
      modelPath: bench.modelPath,
      hardware: bench.hardware,
      streams: 1,
      contextLength: 1_024,
    }
    const engine = await openEngine(settings, signal)
    const { threads } = engine
    const run: Omit<PeerRun, "libraries"> = { peer: bench.peer, modelPath: bench.modelPath, threads }
    const work = { promptTokens, generateTokens }

    const ours: Contestant = {
      name: "fireside",
      description: `the engine in its child process, prebuilt libraries, ${threads} threads; ${promptTokens} prompt tokens, ${generateTokens} generated on an empty context, sampled greedily`,
      async measure(measureSignal) {
        const { prefill } = await engine.measure(
          { promptTokens, generateTokens: 1, streams: 1 },
          measureSignal,
        )
        const { decode } = await engine.measure(
          { promptTokens: 1, generateTokens, streams: 1 },
          measureSignal,
        )
        return { prefill, decode }
      },
    }
    const peerOn = (libraries: PeerRun["libraries"]): Contestant => ({
      name: libraries === "native" ? "llama-bench" : "llama-bench on our libraries",
      description: `-p ${promptTokens} -n ${generateTokens} -t ${threads} -r 1 after its warm-up, ${libraries === "native" ? "its own build" : "with the engine's prebuilt libraries in place of its own"}`,
      measure: (measureSignal) => llamaBench({ ...run, libraries }, work, measureSignal),
    })
    const peers =
      bench.peer.prebuilt === undefined ? [peerOn("native")] : [peerOn("native"), peerOn("prebuilt")]
    return {
      contestants: [ours, ...peers],
      comparisons: ["decode", "prefill"].flatMap((metric) =>
        peers.map((peer) => ({
          title: metric,
          metric,
          unit: "tok/s",
          subject: "fireside",
          against: peer.name,
          better: "higher" as const,
          goal: GOAL,
          heldBack: HELD_BACK,
        })),
      ),
      remarks: [
        "llama-bench neither samples nor turns tokens into text; the engine does both, by the loop that serves requests. What it would tell its parent is made and not sent.",
        "The native build is compiled for this very processor, the prebuilt libraries for its family: the row on our libraries has only our own work in it.",
      ],
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    }
  },
}
