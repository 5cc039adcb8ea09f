// A bench report for people: the figures in a table, then in words what limits them.
import type { BenchChange, BenchFigureName, BenchLimit, BenchReport, Spread } from "@fireside/protocol"
import { counted, formatAge, formatSize } from "./format.ts"
import type { Colours } from "./io.ts"
import { stripEscapes } from "./strip-escapes.ts"
import { formatTable } from "./table.ts"

/** Chosen by one value, for all that stand beside it. */
interface Unit {
  readonly name: string
  readonly size: number
}
type UnitOf = (value: number) => Unit

const time: UnitOf = (ms) => (ms >= 10_000 ? { name: "s", size: 1_000 } : { name: "ms", size: 1 })
const rate: UnitOf = () => ({ name: "tok/s", size: 1 })

/** Three digits, or all before the point. */
const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)

function write(value: number, unitOf: UnitOf): string {
  const { name, size } = unitOf(value)
  return `${digits(value / size)} ${name}`
}

interface Line {
  readonly name: BenchFigureName
  readonly label: (report: BenchReport) => string
  readonly unitOf: UnitOf
}

const LINES: readonly Line[] = [
  { name: "coldStartMs", label: () => "cold start", unitOf: time },
  { name: "shortTtftMs", label: (it) => `first word, ${it.shortPromptTokens} tokens`, unitOf: time },
  { name: "longTtftMs", label: (it) => `first word, ${it.longPromptTokens} tokens`, unitOf: time },
  { name: "reuseTtftMs", label: () => "first word, second turn", unitOf: time },
  { name: "prefillTokensPerSecond", label: () => "reading a prompt", unitOf: rate },
  { name: "decodeTokensPerSecond", label: () => "writing, one answer", unitOf: rate },
  {
    name: "crowdTokensPerSecond",
    label: (it) => `writing, ${it.streams} answers together`,
    unitOf: rate,
  },
  { name: "gapMedianMs", label: () => "pause between words", unitOf: time },
  { name: "gapP95Ms", label: () => "pause, 95 of 100 are shorter", unitOf: time },
  { name: "gapMaxMs", label: () => "longest pause", unitOf: time },
  { name: "kernelPrefillTokensPerSecond", label: () => "engine alone, reading", unitOf: rate },
  { name: "kernelDecodeTokensPerSecond", label: () => "engine alone, writing", unitOf: rate },
]

export function formatBench(report: BenchReport, colours: Colours): string {
  const { previous } = report
  const change = (name: string): string => describeChange(previous?.changes.find((it) => it.name === name))
  const rows = LINES.flatMap(({ name, label, unitOf }) => {
    const figure = report.figures[name]
    return figure === null ? [] : [[label(report), ...cells(figure, unitOf), change(name)]]
  })
  const memory = report.memory.proportionalBytes ?? report.memory.residentBytes
  if (memory !== null) rows.push(["memory of the engine", formatSize(memory), "", change("memoryBytes")])
  const heads = ["", "MEDIAN", "FROM … TO", ...(previous === null ? [] : ["SINCE LAST RUN"])]
  const table = formatTable(
    heads,
    rows.map((row) => row.slice(0, heads.length)),
  )
  return [heading(report), "\n", table, "\n", ...sentences(report, colours)].join("")
}

function heading(report: BenchReport): string {
  const { model, quantization, machine, threads, rounds, isQuick } = report
  const kind = isQuick ? ", quick" : ""
  const line = `${model} (${quantization}) on ${machine.cpuModel.trim()}, ${counted(threads, "thread")}, ${counted(rounds, "round")}${kind}`
  return `${stripEscapes(line)}\n`
}

function cells({ median, min, max }: Spread, unitOf: UnitOf): readonly string[] {
  const { size } = unitOf(median)
  return [write(median, unitOf), `${digits(min / size)} … ${digits(max / size)}`]
}

/** From here on a factor says more than per cent. */
const LARGE_RATIO = 3

function signedPercent(share: number): string {
  const percent = Math.round(share * 100)
  return percent === 0 ? "±0 %" : `${percent > 0 ? "+" : "−"}${Math.abs(percent)} %`
}

function describeChange(change: BenchChange | undefined): string {
  if (change === undefined) return ""
  const { ratio, verdict } = change
  const amount = ratio >= LARGE_RATIO ? `×${digits(ratio)}` : signedPercent(ratio - 1)
  return verdict === "same" ? amount : `${amount} ${verdict}`
}

function sentences(report: BenchReport, { red, green, yellow, dim }: Colours): readonly string[] {
  const { limit, previous, isQuotable, foreignCpus } = report
  const lines: string[] = []
  if (!isQuotable)
    lines.push(
      yellow(
        `Other programs used ${foreignCpus.toFixed(1)} processors meanwhile: these figures are not for quoting.`,
      ),
    )
  if (limit !== null) lines.push(...limitSentences(report, limit))
  else lines.push("The limit is not known: part of the model is on a graphics processor.")
  if (previous === null)
    lines.push(dim("This is the first run of this kind here: the next one is compared with it."))
  else lines.push(comparisonSentence(report, previous, { red, green }))
  return lines.map((line) => `${line}\n`)
}

function limitSentences({ figures, streams }: BenchReport, limit: BenchLimit): readonly string[] {
  const { memoryBytesPerSecond, weightsBytes, kvBytes, decodeTokensPerSecond, boundBy } = limit
  const bandwidth = Math.max(memoryBytesPerSecond.oneThread, memoryBytesPerSecond.allThreads)
  const decode = figures.decodeTokensPerSecond?.median ?? 0
  const bytes = weightsBytes + kvBytes
  const memoryRate = bandwidth / bytes
  const lines = [
    `Writing reads ${formatSize(bytes)} a token; this memory gives ${formatSize(bandwidth)}/s to a plain loop: limit ${write(memoryRate, rate)}; you get ${digits(decode)} = ${percent(decode / memoryRate)}.`,
  ]
  if (boundBy === "arithmetic")
    lines.push(
      `Arithmetic is the tighter limit: at the engine's own prompt rate ${write(decodeTokensPerSecond, rate)}; you get ${percent(limit.shareOfLimit)}.`,
    )
  if (decode > memoryRate)
    lines.push("More than memory gives: the processor's cache holds part of the weights.")
  if (limit.shareOfKernel !== null)
    lines.push(
      `The engine's own loop, without sampling and transport: you get ${percent(limit.shareOfKernel)} of it.`,
    )
  const crowd = figures.crowdTokensPerSecond
  if (crowd !== null && limit.crowdTokensPerSecond !== null)
    lines.push(
      `${streams} answers together share the reading: limit ${write(limit.crowdTokensPerSecond, rate)}; you get ${percent(crowd.median / limit.crowdTokensPerSecond)}, with their prompts.`,
    )
  return lines
}

const percent = (share: number): string => `${Math.round(share * 100)} %`

function comparisonSentence(
  report: BenchReport,
  { at, isQuotable, changes }: NonNullable<BenchReport["previous"]>,
  { red, green }: Pick<Colours, "red" | "green">,
): string {
  const run = `the run of ${at.slice(0, 16).replace("T", " ")} UTC${isQuotable ? "" : ", which was disturbed"}`
  const worse = changes.filter(({ verdict }) => verdict === "worse").length
  const better = changes.filter(({ verdict }) => verdict === "better").length
  if (worse === 0 && better === 0) return `As in ${run}, within the noise of both.`
  const parts = [
    ...(better > 0 ? [green(`${better} better`)] : []),
    ...(worse > 0 ? [red(`${worse} worse`)] : []),
  ]
  const weight =
    report.isQuotable && isQuotable ? "by more than 5 %, outside the noise of both" : "or only disturbed"
  return `Since ${run}: ${parts.join(", ")} (${weight}).`
}

export function formatBenchHistory(reports: readonly BenchReport[], now: Date): string {
  const rows = reports.map((report) => {
    const { figures, limit, previous } = report
    const shown = (name: BenchFigureName, unitOf: UnitOf): string => {
      const figure = figures[name]
      return figure === null ? "-" : write(figure.median, unitOf)
    }
    const worse = previous?.changes.filter(({ verdict }) => verdict === "worse").length ?? 0
    return [
      formatAge(new Date(report.at), now),
      report.model,
      report.isQuick ? "quick" : "whole",
      shown("coldStartMs", time),
      shown("longTtftMs", time),
      shown("reuseTtftMs", time),
      shown("decodeTokensPerSecond", rate),
      shown("crowdTokensPerSecond", rate),
      limit === null ? "-" : percent(limit.shareOfLimit),
      [...(worse > 0 ? [`${worse} worse`] : []), ...(report.isQuotable ? [] : ["disturbed"])].join(", "),
    ]
  })
  const heads = [
    "WHEN",
    "MODEL",
    "KIND",
    "START",
    "LONG PROMPT",
    "SECOND TURN",
    "ONE",
    "TOGETHER",
    "OF LIMIT",
    "",
  ]
  return formatTable(heads, rows)
}
