// A chat in the terminal without a name: the first time it looks at the machine and proposes a model; later it goes straight to the chat.
import type { CatalogueEntry, FirstRunProposal } from "@fireside/app"
import { AppError, type HardwareFacts } from "@fireside/protocol"
import type { CommandContext } from "../context.ts"
import { pullWithConsent } from "../pull-with-consent.ts"
import { ask } from "../terminal/ask.ts"
import { formatSize } from "../terminal/format.ts"
import type { Io } from "../terminal/io.ts"
import { stripEscapes } from "../terminal/strip-escapes.ts"
import type { ChatSettings } from "./chat-settings.ts"
import { resumeOrBegin } from "./resume-or-begin.ts"

export async function chatFromScratch(context: CommandContext): Promise<void> {
  const { io, flags } = context
  const app = await context.app()
  const known = (await app.lastModel()) ?? (await newestModel(context))
  const canChat = io.stdinIsTerminal
  if (known === undefined && !canChat && !flags.yes) throw needsConsent()
  void app.prepare()
  const model = known ?? (await firstRun(context))
  if (canChat) return resumeOrBegin(context, settingsFor(model, flags.verbose), false)
  io.err(`${stripEscapes(model)} is ready. Ask it with: fireside run ${stripEscapes(model)} "PROMPT"\n`)
}

const settingsFor = (model: string, verbose: boolean): ChatSettings => ({
  model,
  sampling: {},
  force: false,
  verbose,
  wordWrap: true,
})

const needsConsent = (): AppError =>
  new AppError("consent-needed", {
    message: "Fireside has no model yet, and there is no terminal to ask on which one to download.",
    hint: "Add --yes to download the proposed one, or name one: fireside pull smollm2:135m",
  })

async function newestModel(context: CommandContext): Promise<string | undefined> {
  const models = (await (await context.app()).models.list()).filter(
    (model) => model.problem === undefined && !model.inPlace,
  )
  return models.sort((a, b) => b.modifiedAt.localeCompare(a.modifiedAt))[0]?.name
}

/** Proposes, asks once, pulls. Returns the name of the model. */
async function firstRun(context: CommandContext): Promise<string> {
  const { io, flags, signal } = context
  const proposal = await (await context.app()).firstRun(signal)
  const { bold, dim } = io.errColours
  io.err(`\n${bold("Welcome to Fireside.")}\n`)
  io.err(`${dim("Open language models on your own computer. What you write stays on it.")}\n\n`)
  io.err(`${describeMachine(io, proposal.hardware)}\n`)
  const { present } = proposal
  if (present !== undefined && (await wantsPresent(context, present))) return present.model.name
  const [best] = proposal.candidates
  if (best === undefined) {
    throw new AppError("unsupported", {
      message: `No model of the catalogue can run here. ${proposal.reason}`,
      hint: "fireside search lists them; fireside pull MODEL gets one all the same.",
    })
  }
  io.err(`${describeEntry(io, best)}\n`)
  const question = `Download it (about ${formatSize(best.entry.approximateSizeBytes)}) and begin?`
  if (!flags.yes && !(await ask(context, { message: question, flag: "--yes" }))) {
    throw new AppError("interrupted", { message: "Nothing was downloaded." })
  }
  io.err("\n")
  return pullFirstReachable(context, proposal)
}

/** What another program has fetched already needs no download, and no network. */
async function wantsPresent(
  context: CommandContext,
  { model, expectedTokensPerSecond }: NonNullable<FirstRunProposal["present"]>,
): Promise<boolean> {
  const { io, flags } = context
  const { bold, dim } = io.errColours
  const rows: [string, string][] = [
    ["Speed", speed(expectedTokensPerSecond)],
    ["Size", formatSize(model.sizeBytes)],
    ["File", `${model.path} (read in place)`],
  ]
  io.err(`${dim("Already here  ")} ${bold(stripEscapes(model.name))}\n${writeRows(io, rows)}\n`)
  if (flags.yes) return true
  const isWanted = await ask(context, { message: "Use it? Nothing is downloaded.", flag: "--yes" })
  io.err("\n")
  return isWanted
}

/**
 * The proposed model, or a smaller one when no source of it can be reached: one with a kind of source that was not tried yet.
 */
async function pullFirstReachable(
  context: CommandContext,
  { candidates }: FirstRunProposal,
): Promise<string> {
  const tried = new Set<string>()
  let failure: unknown
  for (const { entry } of candidates) {
    const kinds = entry.sources.map(kindOf)
    if (failure !== undefined && kinds.every((kind) => tried.has(kind))) continue
    try {
      if (failure !== undefined)
        context.io.err(`Trying a smaller one that comes from elsewhere: ${entry.name}\n`)
      const { name } = await pullWithConsent(context, {
        reference: entry.name,
        acceptLicence: false,
        isKnown: true,
      })
      context.io.err("\n")
      return name
    } catch (error) {
      if (!(error instanceof AppError) || !UNREACHABLE.has(error.code)) throw error
      for (const kind of kinds) tried.add(kind)
      failure ??= error
      context.io.err(`${context.io.errColours.yellow(stripEscapes(error.message))}\n`)
    }
  }
  throw failure
}

const UNREACHABLE = new Set<string>(["model-unavailable", "network-failed", "bad-response"])

const kindOf = (source: string): string => source.split(":", 1)[0] ?? source

const gib = (bytes: number): string => `${Math.round(bytes / 2 ** 30)} GB`

function describeMachine({ errColours: { dim } }: Io, hardware: HardwareFacts): string {
  const { cpuModel, physicalCores, memoryLimitBytes, diskFreeBytes, devices } = hardware
  const gpu = devices.find((device) => device.kind === "gpu")
  const parts = [
    stripEscapes(cpuModel.trim()) || "this processor",
    `${physicalCores} core${physicalCores === 1 ? "" : "s"}`,
    `${gib(memoryLimitBytes)} of memory`,
    ...(gpu === undefined
      ? []
      : [`${stripEscapes(gpu.description || gpu.name)} with ${gib(gpu.memoryBytes)}`]),
    `${gib(diskFreeBytes)} of disk free`,
  ]
  return `${dim("Your computer")}  ${parts.join(" · ")}\n`
}

function describeEntry(io: Io, best: { entry: CatalogueEntry; expectedTokensPerSecond: number }): string {
  const { dim, bold } = io.errColours
  const { entry, expectedTokensPerSecond } = best
  const rows: [string, string][] = [
    ["Good for", entry.goodFor],
    ["Speed", speed(expectedTokensPerSecond)],
    ["Size", `about ${formatSize(entry.approximateSizeBytes)}`],
    ["Licence", `${entry.licence.name}  ${entry.licence.url}`],
    ["From", entry.sources.join(", else ")],
  ]
  return `${dim("This fits it  ")} ${bold(stripEscapes(entry.title))} ${dim(`(${entry.name})`)}\n${writeRows(io, rows)}`
}

const speed = (tokensPerSecond: number): string =>
  `about ${Math.round(tokensPerSecond)} tokens a second here (people read 5 to 7)`

function writeRows({ errColours: { dim } }: Io, rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, value]) => `  ${dim(name.padEnd(11))}  ${stripEscapes(value)}\n`).join("")
}
