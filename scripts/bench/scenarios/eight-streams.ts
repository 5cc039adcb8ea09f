// Eight streams at once, against llama-batched-bench on the same file.
import { openEngine } from "../ours/engine-under-test.ts"
import { llamaBatchedBench, type PeerRun } from "../peer/peer-binaries.ts"
import type { Contestant, Scenario } from "../scenario.ts"

const STREAMS = 8
const GOAL = 0.97

export const eightStreams: Scenario = {
  id: "streams",
  title: "eight streams at once",
  timesRounds: 3,
  async prepare(bench, signal) {
    const promptTokens = 128
    const generateTokens = bench.quick ? 16 : 64
    const engine = await openEngine(
      { modelPath: bench.modelPath, hardware: bench.hardware, streams: STREAMS, contextLength: 512 },
      signal,
    )
    const work = { promptTokens, generateTokens, streams: STREAMS }
    const ours: Contestant = {
      name: "fireside",
      description: `the engine, ${STREAMS} streams of ${promptTokens} prompt tokens and ${generateTokens} generated, prebuilt libraries, ${engine.threads} threads`,
      measure: (measureSignal) => engine.measure(work, measureSignal),
    }
    const run = { peer: bench.peer, modelPath: bench.modelPath, threads: engine.threads }
    const peerOn = (libraries: PeerRun["libraries"]): Contestant => ({
      name: libraries === "native" ? "llama-batched-bench" : "llama-batched-bench on our libraries",
      description: `-npp ${promptTokens} -ntg ${generateTokens} -npl ${STREAMS} -t ${engine.threads}, ${libraries === "native" ? "its own build" : "with the engine's prebuilt libraries"}`,
      measure: (measureSignal) => llamaBatchedBench({ ...run, libraries }, work, measureSignal),
    })
    const peers =
      bench.peer.prebuilt === undefined ? [peerOn("native")] : [peerOn("native"), peerOn("prebuilt")]
    return {
      contestants: [ours, ...peers],
      comparisons: ["decode", "total"].flatMap((metric) =>
        peers.map((peer) => ({
          title: metric === "decode" ? "decode of all streams" : "all tokens over the whole time",
          metric,
          unit: "tok/s",
          subject: "fireside",
          against: peer.name,
          better: "higher" as const,
          goal: GOAL,
          heldBack:
            "between two steps each of eight rows of logits is looked at (0.04 ms a row) and its text made; llama-batched-bench takes the same token for all and looks at none.",
        })),
      ),
      remarks: [
        "Streams whose prompt is done decode while others still prefill; those tokens are not in the engine's decode rate, and their time is in its prefill rate: the row of all tokens is the one to compare. llama-batched-bench has no such overlap.",
      ],
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    }
  },
}
