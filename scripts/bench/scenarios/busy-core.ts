// S11: a foreign process keeps one processor busy while the model answers.
import { keepBusy } from "../foreign-load.ts"
import { openEngine } from "../ours/engine-under-test.ts"
import { llamaBench } from "../peer/peer-binaries.ts"
import type { Contestant, Scenario } from "../scenario.ts"

const GOAL_OF_IDLE = 0.6
/** The peer falls to a third of a token a second: these take most of a minute then. */
const PEER_BUSY_TOKENS = 16
const PEER_TIMEOUT_MS = 180_000

export const busyCore: Scenario = {
  id: "S11",
  title: "a foreign process keeps one processor busy",
  async prepare(bench, signal) {
    const generateTokens = bench.quick ? 64 : 256
    const peerTokens = bench.quick ? 4 : PEER_BUSY_TOKENS
    const engine = await openEngine(
      { modelPath: bench.modelPath, hardware: bench.hardware, streams: 1, contextLength: 1_024 },
      signal,
    )
    const cpu = bench.hardware.usableCpus.at(-1) ?? 0
    const run = {
      peer: bench.peer,
      modelPath: bench.modelPath,
      threads: engine.threads,
      libraries: "native" as const,
    }
    const work = { promptTokens: 1, generateTokens, streams: 1 }
    const peerDecode = async (tokens: number, warmUp: boolean, peerSignal: AbortSignal) => {
      const options = { promptTokens: 0, generateTokens: tokens, warmUp, timeoutMs: PEER_TIMEOUT_MS }
      const { decode } = await llamaBench(run, options, peerSignal)
      if (decode === undefined) throw new Error("llama-bench printed no decode rate")
      return { decode }
    }
    const contestants: Contestant[] = [
      {
        name: "fireside idle",
        description: `the engine, ${generateTokens} tokens, ${engine.threads} threads, nothing else running`,
        measure: async (measureSignal) => ({ decode: (await engine.measure(work, measureSignal)).decode }),
      },
      {
        name: "fireside busy",
        description: `the same while another process spins on processor ${cpu}`,
        async measure(measureSignal) {
          await using _load = await keepBusy(cpu, measureSignal)
          return { decode: (await engine.measure(work, measureSignal)).decode }
        },
      },
      {
        name: "llama-bench idle",
        description: `its own build, 64 tokens, ${engine.threads} threads`,
        measure: (measureSignal) => peerDecode(64, true, measureSignal),
      },
      {
        name: "llama-bench busy",
        description: `the same under the same load, ${peerTokens} tokens, no warm-up`,
        async measure(measureSignal) {
          await using _load = await keepBusy(cpu, measureSignal)
          return await peerDecode(peerTokens, false, measureSignal)
        },
      },
    ]
    const decode = { metric: "decode", unit: "tok/s", better: "higher" as const }
    return {
      contestants,
      comparisons: [
        {
          ...decode,
          title: "decode",
          subject: "fireside busy",
          against: "fireside idle",
          goal: GOAL_OF_IDLE,
          heldBack:
            "one processor of two is left, and one thread computes half of what two do; 0.6 needs a machine with more of them, or a foreign program that rests now and then.",
        },
        {
          ...decode,
          title: "decode",
          subject: "fireside busy",
          against: "llama-bench busy",
        },
        { ...decode, title: "decode", subject: "llama-bench busy", against: "llama-bench idle" },
      ],
      remarks: [
        "The aim against the peer is 50× where it collapses; where the system happens to run all its threads together it does not.",
        "The foreign process is pinned with taskset where there is one, and has the same priority as everybody.",
      ],
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    }
  },
}
