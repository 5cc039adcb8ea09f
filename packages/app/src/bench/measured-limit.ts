// The physical limit of a run: its question put together from the figures, the plan, the file's header and the memory's speed.
import type { LoadPlan } from "@fireside/fit"
import type { StoredModel } from "@fireside/library"
import type { BenchLimit, BenchReport } from "@fireside/protocol"
import type { Parts } from "../parts.ts"
import { type BenchTable, machineKey } from "./bench-table.ts"
import { physicalLimit } from "./physical-limit.ts"

/** What a run has measured itself. */
export type Outline = Omit<BenchReport, "limit" | "previous">

interface Limiting {
  readonly outline: Outline
  readonly plan: LoadPlan
  readonly stored: StoredModel
  readonly table: BenchTable
}

export async function measuredLimit(
  parts: Parts,
  { outline, plan, stored, table }: Limiting,
  signal: AbortSignal,
): Promise<BenchLimit | null> {
  const {
    decodeTokensPerSecond: decode,
    kernelPrefillTokensPerSecond,
    kernelDecodeTokensPerSecond,
  } = outline.figures
  // With layers on a graphics processor its memory is the limit, which is not measured.
  if (plan.gpuLayers !== 0 || decode === null) return null
  const [fit, probes] = await Promise.all([parts.fit(), parts.benchProbes()])
  const bandwidth =
    knownBandwidth(table, outline) ?? (await probes.bandwidth(outline.machine.usableCpus, signal))
  return physicalLimit({
    bandwidth,
    weightsBytes: fit.readShape(stored.header).activeBytes,
    kvBytesPerToken: plan.memory.kvBytes / (plan.streams * plan.contextLength),
    contextTokens: outline.shortPromptTokens + outline.answerTokens / 2,
    streams: outline.streams,
    prefillTokensPerSecond: kernelPrefillTokensPerSecond?.median ?? null,
    measured: {
      decodeTokensPerSecond: decode.median,
      kernelDecodeTokensPerSecond: kernelDecodeTokensPerSecond?.median ?? null,
    },
  })
}

/** Of an earlier run on this machine that nothing disturbed: memory does not change. */
function knownBandwidth(
  table: BenchTable,
  { machine }: Outline,
): BenchLimit["memoryBytesPerSecond"] | undefined {
  const key = machineKey(machine)
  const run = table.list().find((it) => it.isQuotable && it.limit !== null && machineKey(it.machine) === key)
  return run?.limit?.memoryBytesPerSecond
}
