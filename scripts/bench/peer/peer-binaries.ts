// Where the peer's programs are, and its two benchmarks as functions.
import { runTool } from "../run-tool.ts"

export interface PeerBinaries {
  readonly version: string
  readonly build: string
  readonly server: string
  readonly bench: string
  readonly batchedBench: string
  readonly quantize: string
  /** Folder with the libraries of the same build; the engine can be pointed at it. */
  readonly nativeFolder: string
  /** How to run the programs on the engine's own libraries instead. */
  readonly prebuilt: { readonly env: Readonly<Record<string, string>>; readonly cwd: string } | undefined
}

/** The peer's own build, or the engine's prebuilt ones in place of it. */
export type Libraries = "native" | "prebuilt"

export interface PeerRun {
  readonly peer: PeerBinaries
  readonly modelPath: string
  readonly threads: number
  /** Which libraries compute. */
  readonly libraries: Libraries
}

export interface PeerWork {
  /** 0: none. */
  readonly promptTokens: number
  readonly generateTokens: number
  /** The first run warms up; off where a run is slow enough as it is. Defaults to true. */
  readonly warmUp?: boolean
  readonly timeoutMs?: number
}

/** llama-bench: each of the two parts on an empty context. */
export async function llamaBench(
  run: PeerRun,
  work: PeerWork,
  signal: AbortSignal,
): Promise<{ prefill?: number; decode?: number }> {
  const output = await runTool(
    run.peer.bench,
    [
      ...["-m", run.modelPath, "-t", String(run.threads), "-o", "jsonl", "-r", "1"],
      ...["-p", String(work.promptTokens), "-n", String(work.generateTokens)],
      ...(work.warmUp === false ? ["--no-warmup"] : []),
    ],
    {
      ...placeOf(run.peer, run.libraries),
      ...(work.timeoutMs === undefined ? {} : { timeoutMs: work.timeoutMs }),
    },
    signal,
  )
  const result: { prefill?: number; decode?: number } = {}
  for (const line of jsonLines(output)) {
    const rate = numberOf(line, "avg_ts")
    if (numberOf(line, "n_gen") > 0) result.decode = rate
    else result.prefill = rate
  }
  return result
}

/** llama-batched-bench: `streams` prompts at once, then their answers together. Rates of all streams. */
export async function llamaBatchedBench(
  run: PeerRun,
  work: { readonly promptTokens: number; readonly generateTokens: number; readonly streams: number },
  signal: AbortSignal,
): Promise<{ prefill: number; decode: number; total: number }> {
  const { promptTokens, generateTokens, streams } = work
  const context = streams * (promptTokens + generateTokens + 64)
  const output = await runTool(
    run.peer.batchedBench,
    [
      ...["-m", run.modelPath, "-t", String(run.threads), "-c", String(context), "-b", "512", "-ub", "512"],
      ...["-npp", String(promptTokens), "-ntg", String(generateTokens), "-npl", String(streams)],
      ...["--output-format", "jsonl"],
    ],
    placeOf(run.peer, run.libraries),
    signal,
  )
  const line = jsonLines(output).at(-1)
  if (line === undefined) throw new Error("llama-batched-bench printed no result")
  return {
    prefill: numberOf(line, "speed_pp"),
    decode: numberOf(line, "speed_tg"),
    total: numberOf(line, "speed"),
  }
}

/** Environment and working folder of a program of the peer's. */
export function placeOf(
  peer: Pick<PeerBinaries, "prebuilt">,
  libraries: Libraries,
): { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } {
  if (libraries === "native") return {}
  if (peer.prebuilt === undefined) throw new Error("the peer cannot run on the prebuilt libraries here")
  return peer.prebuilt
}

function jsonLines(output: string): Record<string, unknown>[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>) // one object a line: the tools' documented form
}

function numberOf(line: Record<string, unknown>, key: string): number {
  const value = line[key]
  if (typeof value !== "number") throw new Error(`the peer printed no ${key}`)
  return value
}
