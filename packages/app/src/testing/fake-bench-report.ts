// A bench report as a run gives it, of a machine that reads 34 GB a second.
import type { BenchReport, Spread } from "@fireside/protocol"

const about = (median: number): Spread => ({ median, min: median * 0.9, max: median * 1.1 })

export function fakeBenchReport(change: Partial<BenchReport> = {}): BenchReport {
  return {
    id: "run-1",
    at: "2026-01-01T00:00:00.000Z",
    model: "tiny:latest",
    digest: `sha256:${"a".repeat(64)}`,
    quantization: "Q8_0",
    machine: { cpuModel: "Test processor", usableCpus: 2, processor: "CPU" },
    libraryVersion: "fake",
    rounds: 5,
    isQuick: false,
    threads: 2,
    streams: 4,
    contextLength: 2_048,
    shortPromptTokens: 32,
    longPromptTokens: 1_024,
    answerTokens: 96,
    figures: {
      coldStartMs: about(400),
      shortTtftMs: about(30),
      longTtftMs: about(12_000),
      prefillTokensPerSecond: about(85),
      reuseTtftMs: about(60),
      gapMedianMs: about(4),
      gapP95Ms: about(5),
      gapMaxMs: about(9),
      decodeTokensPerSecond: about(250),
      crowdTokensPerSecond: about(500),
      kernelPrefillTokensPerSecond: about(1_000),
      kernelDecodeTokensPerSecond: about(260),
    },
    memory: { residentBytes: 200e6, proportionalBytes: 190e6 },
    foreignCpus: 0,
    isQuotable: true,
    limit: {
      memoryBytesPerSecond: { oneThread: 32e9, allThreads: 34e9 },
      weightsBytes: 92e6,
      kvBytes: 2e6,
      boundBy: "memory",
      decodeTokensPerSecond: 34e9 / 94e6,
      crowdTokensPerSecond: 1_000,
      shareOfMemory: (250 * 92e6) / 34e9,
      shareOfLimit: (250 * 94e6) / 34e9,
      shareOfKernel: 250 / 260,
    },
    previous: null,
    ...change,
  }
}
