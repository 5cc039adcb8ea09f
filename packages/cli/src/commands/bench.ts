// `fireside bench [MODEL]`: the figures of a model on this machine, and what was measured before.
import { AppError, BENCH_LIMITS, type BenchReport, type BenchRequest, defined } from "@fireside/protocol"
import type { CommandModule } from "../command-module.ts"
import type { CommandContext } from "../context.ts"
import { formatBench, formatBenchHistory } from "../terminal/format-bench.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

interface BenchFlags {
  readonly history?: boolean
  readonly rounds?: number
  readonly quick?: boolean
}

export const bench: CommandModule = {
  define(command, context) {
    command
      .argument("[model]", "what to measure (default: the model used last)")
      .option("--rounds <n>", "measure each figure so often (default: 5, with --quick 3)", parseRounds)
      .option("--quick", "shorter prompts and answers, fewer rounds")
      .option("--history", "show what was measured before, and measure nothing")
      .action(async (model: string | undefined, flags: BenchFlags) => {
        if (flags.history === true) return showHistory(context, model)
        const { rounds, quick } = flags
        const report = await measure(context, {
          model: model ?? (await lastModel(context)),
          ...defined({ rounds, quick }),
        })
        const { io } = context
        await io.out(context.flags.json ? toJsonLine(report) : formatBench(report, io.outColours))
      })
  },
}

async function measure(context: CommandContext, request: BenchRequest): Promise<BenchReport> {
  const { io, flags, signal } = context
  const { dim } = io.errColours
  const isLive = io.stderrIsTerminal && !flags.json
  const app = await context.app()
  try {
    for await (const event of app.bench.run(request, signal)) {
      switch (event.type) {
        case "progress": {
          const step = `[${event.doneSteps + 1}/${event.totalSteps}] ${stripEscapes(event.message)}`
          if (!flags.json) io.err(isLive ? `${CLEARED}${dim(step)}` : `${step}\n`)
          break
        }
        case "finish":
          return event.report
        default:
          event satisfies never
      }
    }
  } finally {
    // Whatever comes next, the report or an error, begins a line of its own.
    if (isLive) io.err(CLEARED)
  }
  throw new Error("the run ended without `finish`")
}

/** The line is written over: to its beginning, and emptied. */
const CLEARED = "\r\x1b[2K"

async function showHistory(context: CommandContext, model: string | undefined): Promise<void> {
  const { io, flags } = context
  const reports = await (await context.app()).bench.history(model)
  if (flags.json) return io.out(toJsonLine(reports))
  if (reports.length === 0)
    return void io.err("Nothing was measured yet. Measure a model: fireside bench MODEL\n")
  await io.out(formatBenchHistory(reports, context.date()))
}

async function lastModel(context: CommandContext): Promise<string> {
  const name = await (await context.app()).lastModel()
  if (name !== undefined) return name
  throw new AppError("usage", {
    message: "Which model? None was used yet.",
    hint: "fireside list shows what is there: fireside bench MODEL",
  })
}

function parseRounds(text: string): number {
  const rounds = Number(text)
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= BENCH_LIMITS.rounds) return rounds
  throw new AppError("usage", {
    message: `--rounds cannot be ${JSON.stringify(text)}.`,
    hint: `Write a whole number from 1 to ${BENCH_LIMITS.rounds}.`,
  })
}
