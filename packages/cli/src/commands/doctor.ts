// `fireside doctor`: everything that can be wrong with a machine or an installation, each with what to do.
import type { DoctorReport } from "@fireside/protocol"
import type { CommandModule } from "../command-module.ts"
import type { Colours } from "../terminal/io.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

export const doctor: CommandModule = {
  define(command, context) {
    command.action(async () => {
      const { io, flags, signal } = context
      const report = await (await context.app()).doctor(signal)
      if (!report.ok) context.setExitCode(1)
      if (flags.json) return io.out(toJsonLine(report))
      await io.out(formatReport(report, io.outColours))
    })
  },
}

const NAME_WIDTH = 14

export function formatReport(report: DoctorReport, colours: Colours): string {
  const { green, yellow, red, dim } = colours
  let previous = ""
  let text = ""
  for (const check of report.checks) {
    const mark = check.ok ? green("✓") : check.level === "error" ? red("✗") : yellow("!")
    const name = check.id === previous ? "" : check.id.replaceAll("-", " ")
    previous = check.id
    text += `${mark} ${dim(name.padEnd(NAME_WIDTH))} ${stripEscapes(check.message)}\n`
    if (check.hint !== undefined) text += `  ${" ".repeat(NAME_WIDTH)} ${dim(stripEscapes(check.hint))}\n`
  }
  const wrong = report.checks.filter((check) => !check.ok && check.level === "error").length
  const end = wrong === 0 ? "Ready." : `${wrong} thing${wrong === 1 ? "" : "s"} must be put right first.`
  return `${text}\n${end}\n`
}
