// Prefill and decode of one stream, against llama-bench on the same file.
import { openEngine } from "../ours/engine-under-test.ts"
import { llamaBench, type PeerRun } from "../peer/peer-binaries.ts"
import type { Contestant, Scenario } from "../scenario.ts"

const GOAL = 0.97
/** Of 3,200 steps, 128 tokens each, sampled every 0.05 ms. */
const HELD_BACK =
  "the library's own decode takes as long on both sides; between two of them our own work takes 0.13 ms of 3.3 (a profile: 0.04 for the likeliest of 49,152 logits, the rest for text, planning, threads and costs, on data that the decode has driven out of the caches), and llama-bench does none of it. With larger models the work is the same and the step longer."

export const engineSingle: Scenario = {
  id: "engine",
  title: "prefill and decode of one stream",
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
        "llama-bench neither samples nor turns tokens into text; the engine does both, and streams every token to its parent.",
        "The native build is compiled for this very processor, the prebuilt libraries for its family: the row on our libraries has only our own work in it.",
      ],
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    }
  },
}
