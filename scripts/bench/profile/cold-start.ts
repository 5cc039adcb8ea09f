// Where the time of a cold start goes: a ladder of commands that each do one thing more, and the parent's processor time by package.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  type AnswerTimes,
  bundleCommand,
  type FiresideCommand,
  importModel,
  sourceCommand,
  timeAnswer,
} from "../ours/fireside-command.ts"
import { runTool } from "../run-tool.ts"
import { summarise } from "../statistics.ts"
import { type CpuProfile, selfTimeByOwner } from "./self-time.ts"

export interface ProfileOptions {
  readonly root: string
  readonly modelPath: string
  readonly rounds: number
  readonly note: (text: string) => void
}

const QUESTION = "What is the capital of France? Answer in one sentence."
const ANSWER = ["run", "bench", QUESTION, "--temperature", "0", "--max-tokens", "1"] as const
const OWNERS_SHOWN = 14

/** The text to print: a ladder and a profile for the bundle (where there is one) and for the sources. */
export async function profileColdStart(options: ProfileOptions, signal: AbortSignal): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "fireside-profile-"))
  try {
    const home = join(folder, "home")
    const source = sourceCommand(options.root, home)
    const bundle = bundleCommand(options.root, home)
    await importModel(source, { path: options.modelPath, name: "bench" }, signal)
    const parts: string[] = []
    for (const command of bundle === undefined ? [source] : [bundle, source]) {
      options.note(`profiling the ${command.kind}`)
      parts.push(
        `${command.kind}\n${await ladder(command, options.rounds, signal)}\n${await owners(command, folder, signal)}`,
      )
    }
    return `${parts.join("\n\n")}\n`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function ladder(command: FiresideCommand, rounds: number, signal: AbortSignal): Promise<string> {
  let answer: AnswerTimes | undefined
  const steps: readonly (readonly [string, () => Promise<number>])[] = [
    ["node alone", () => timeWhole(command, ["--eval", "0"], signal)],
    ["+ our program (--version)", () => timeWhole(command, [command.entry, "--version"], signal)],
    ["+ data folder and library (list)", () => timeWhole(command, [command.entry, "list"], signal)],
    [
      "+ chat without weights (--engine echo)",
      async () =>
        (await timeAnswer(command, ["run", "echo", "hello", "--engine", "echo", "--max-tokens", "1"], signal))
          .firstTokenMs,
    ],
    [
      "+ engine, weights, prompt: first token",
      async () => {
        answer = await timeAnswer(command, ANSWER, signal)
        return answer.firstTokenMs
      },
    ],
    // Of the run just before.
    ["   until that program has ended", () => Promise.resolve(answer?.wholeMs ?? 0)],
  ]
  const times = steps.map((): number[] => [])
  // The first round fills caches and is not counted.
  for (let round = 0; round <= rounds; round++)
    for (const [index, [, measure]] of steps.entries()) {
      const ms = await measure()
      if (round > 0) times[index]?.push(ms)
    }
  let before = 0
  const lines = steps.map(([name], index) => {
    const { median, minimum, maximum } = summarise(times[index] ?? [])
    const line = `  ${name.padEnd(42)} ${ms(median)} (${ms(minimum).trim()}–${ms(maximum).trim()})  ${median < before ? "" : "+"}${ms(median - before).trim()}`
    before = median
    return line
  })
  return lines.join("\n")
}

/** Processor time of the parent process (not of the engine's child) by package, from V8's own profiler. */
async function owners(command: FiresideCommand, folder: string, signal: AbortSignal): Promise<string> {
  const into = mkdtempSync(join(folder, "profile-"))
  await runTool(
    command.node,
    ["--cpu-prof", "--cpu-prof-dir", into, "--cpu-prof-interval", "200", command.entry, ...ANSWER],
    { env: command.env },
    signal,
  )
  const files = readdirSync(into).filter((name) => name.endsWith(".cpuprofile"))
  const profiles = files.map((name) => JSON.parse(readFileSync(join(into, name), "utf8")) as CpuProfile) // V8's documented form
  return profiles
    .map((profile, index) => {
      const shares = selfTimeByOwner(profile).slice(0, OWNERS_SHOWN)
      return [
        `  processor time, process ${index + 1} of ${profiles.length}:`,
        ...shares.map(({ owner, selfMs }) => `    ${owner.padEnd(40)} ${ms(selfMs)}`),
      ].join("\n")
    })
    .join("\n")
}

async function timeWhole(
  command: FiresideCommand,
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const startedAt = performance.now()
  await runTool(command.node, args, { env: command.env }, signal)
  return performance.now() - startedAt
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`.padStart(8)
}
