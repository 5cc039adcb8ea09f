// Seeded mutants of tiny valid files against the validator, and those it accepts against the real llama.cpp in a child
// process. The process that runs this stands for the gateway: it must survive everything.
//
//   node test/faults/gguf-mutants.ts [count=2000] [first seed=1] [--without-validator]
//
// Without the validator every mutant goes to native code: what would happen, and the proof that crashes are seen here.

import { type ChildProcess, fork } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bufferSource, GgufError, readHeader, validateAdapter, validateModel } from "@fireside/gguf"
import { buildTinyAdapter, buildTinyModel, type Mutant, mutator } from "@fireside/gguf/testing"
import { GGUF_LIMITS } from "@fireside/protocol"
import type { Job, NativeOutcome } from "./gguf-native-child.ts"

/** A child that does not answer for so long hangs. Loading and running a tiny file takes a few milliseconds. */
const HANG_MS = 10_000

export type Verdict = "refused" | NativeVerdict
type NativeVerdict = "ran" | "native-error" | "crashed" | "hung"

export interface MutantReport {
  readonly counts: Readonly<Record<Verdict, number>>
  /** How many mutants each rule refused. */
  readonly rules: ReadonlyMap<string, number>
  /** Errors of the validator that are no named rule: defects. */
  readonly unnamed: readonly string[]
  /** The mutants that crashed or hung a child. */
  readonly killers: readonly string[]
}

/** One file that mutants are made of. */
interface Origin {
  readonly name: string
  readonly mutate: (seed: number) => Mutant
  /** Adapters are loaded onto this file. */
  readonly base?: string
}

export interface MutantRun {
  readonly count: number
  /** The first seed. Defaults to 1. */
  readonly first?: number
  /** false hands every mutant to native code. Defaults to true. */
  readonly validate?: boolean
}

/** Makes and judges the mutants of `count` seeds. */
export async function runMutants({ count, first = 1, validate = true }: MutantRun): Promise<MutantReport> {
  const folder = await mkdtemp(join(tmpdir(), "fireside-mutants-"))
  const child = nativeChild()
  const counts: Record<Verdict, number> = { refused: 0, ran: 0, "native-error": 0, crashed: 0, hung: 0 }
  const rules = new Map<string, number>()
  const unnamed: string[] = []
  const killers: string[] = []
  try {
    const origins = await buildOrigins(folder)
    for (let seed = first; seed < first + count; seed++) {
      const origin = origins[seed % origins.length]
      if (origin === undefined) break
      const mutant = origin.mutate(seed)
      const refusal = validate ? await judge(mutant.bytes, origin.base !== undefined) : undefined
      if (refusal !== undefined) {
        counts.refused++
        if (refusal instanceof GgufError) rules.set(refusal.rule, (rules.get(refusal.rule) ?? 0) + 1)
        else unnamed.push(`seed ${seed} (${origin.name}; ${mutant.changes.join("; ")}): ${String(refusal)}`)
        continue
      }
      const file = join(folder, `${origin.name}-mutant.gguf`)
      await writeFile(file, mutant.bytes)
      const verdict = await child.run(
        origin.base === undefined
          ? { file, embeddings: origin.name.startsWith("embed") }
          : { file: origin.base, adapter: file },
      )
      counts[verdict]++
      if (verdict === "crashed" || verdict === "hung") {
        killers.push(`seed ${seed} ${verdict} (${origin.name}; ${mutant.changes.join("; ")})`)
      }
    }
    return { counts, rules, unnamed, killers }
  } finally {
    await child.end()
    await rm(folder, { recursive: true, force: true })
  }
}

/** What the gateway does before native code sees a file: undefined when it accepts, else the error. */
async function judge(bytes: Uint8Array, adapter: boolean): Promise<unknown> {
  try {
    const header = await readHeader(bufferSource(bytes), { limits: GGUF_LIMITS })
    if (adapter) validateAdapter(header, { limits: GGUF_LIMITS })
    else validateModel(header, { limits: GGUF_LIMITS })
    return undefined
  } catch (error) {
    return error
  }
}

async function buildOrigins(folder: string): Promise<Origin[]> {
  const origins: Origin[] = []
  const add = async (name: string, bytes: Uint8Array, base?: string) => {
    const header = await readHeader(bufferSource(bytes), { limits: GGUF_LIMITS })
    origins.push({ name, mutate: mutator(bytes, header), ...(base === undefined ? {} : { base }) })
  }
  for (const shape of ["llama", "qwen2", "gemma3"] as const) {
    for (const vocabulary of ["bpe", "spm"] as const) {
      const type = vocabulary === "bpe" ? "F32" : "Q4_0"
      const bytes = buildTinyModel({ shape, vocabulary, type, layers: 2, fillInTheMiddle: true })
      await add(`${shape}-${vocabulary}`, bytes)
    }
  }
  await add("embed-llama", buildTinyModel({ pooling: "mean", chatTemplate: null }))
  const base = join(folder, "base.gguf")
  await writeFile(base, buildTinyModel())
  await add("adapter-llama", buildTinyAdapter(), base)
  return origins
}

/** A child that is started when needed and again after each crash. */
function nativeChild() {
  let child: ChildProcess | undefined
  const script = new URL("gguf-native-child.ts", import.meta.url)

  const start = async () => {
    const started = fork(script, { stdio: ["ignore", "ignore", "ignore", "ipc"] })
    const greeting = await answer(started)
    if (greeting === undefined) throw new Error("the child that runs llama.cpp did not start")
    return started
  }
  return {
    async run(job: Job): Promise<NativeVerdict> {
      child ??= await start()
      child.send(job)
      const message = await answer(child)
      if (message !== undefined && message !== "hung") {
        return (message as { outcome: NativeOutcome }).outcome === "ran" ? "ran" : "native-error"
      }
      child.kill("SIGKILL")
      child = undefined
      return message === "hung" ? "hung" : "crashed"
    },
    async end() {
      child?.kill("SIGKILL")
    },
  }
}

/** The child's next message; undefined when it ends instead, "hung" when neither happens. */
function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    const settle = (result: unknown) => {
      clearTimeout(timer)
      child.off("message", settle)
      child.off("exit", ended)
      resolve(result)
    }
    const ended = () => settle(undefined)
    const timer = setTimeout(() => settle("hung"), HANG_MS)
    child.once("message", settle)
    child.once("exit", ended)
  })
}

/** A page of text for people. */
export function describeReport({ counts, rules, unnamed, killers }: MutantReport): string {
  const total = Object.values(counts).reduce((sum, value) => sum + value, 0)
  const accepted = total - counts.refused
  const lines = [
    `${total} mutants: ${counts.refused} refused by ${rules.size} rules, ${accepted} accepted`,
    `of the accepted: ${counts.ran} ran, ${counts["native-error"]} clean native errors, ${counts.crashed} crashed the child, ${counts.hung} hung it`,
    ...[...rules]
      .sort((a, b) => b[1] - a[1])
      .map(([rule, times]) => `  ${String(times).padStart(5)} ${rule}`),
    ...killers.map((killer) => `killer: ${killer}`),
    ...unnamed.map((error) => `no named rule: ${error}`),
  ]
  return lines.join("\n")
}

if (import.meta.main) {
  const words = process.argv.slice(2)
  const [count = "2000", first = "1"] = words.filter((word) => !word.startsWith("--"))
  const validate = !words.includes("--without-validator")
  const report = await runMutants({ count: Number(count), first: Number(first), validate })
  process.stdout.write(`${describeReport(report)}\n`)
  // Reaching this line means that the gateway is alive; a defect of the validator or too many dead children is not.
  process.exitCode =
    report.unnamed.length > 0 || (report.counts.crashed + report.counts.hung) / Number(count) > 0.002 ? 1 : 0
}
