// `fireside cache`: computed prefixes on disk, and computing one ahead.
import { basename } from "node:path"
import { AppError, REQUEST_LIMITS } from "@fireside/protocol"
import type { CommandModule } from "../command-module.ts"
import type { CommandContext } from "../context.ts"
import { counted, formatSize } from "../terminal/format.ts"
import { readNamedFile } from "../terminal/read-named-file.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"
import { formatTable } from "../terminal/table.ts"

interface PinFlags {
  readonly model?: string
  readonly name?: string
}

interface ClearFlags {
  readonly model?: string
  readonly pinned?: boolean
}

export const cache: CommandModule = {
  define(command, context) {
    command
      .command("status")
      .description("Say what is kept of computed prompts, and how much room it takes.")
      .action(() => status(context))
    command
      .command("clear")
      .description("Remove what was computed. Answers stay the same; the first words take longer again.")
      .option("--model <model>", "only of this model")
      .option("--pinned", "also what was pinned")
      .action((flags: ClearFlags) => clear(context, flags))
    command
      .command("pin")
      .description(
        "Compute a text file ahead as system prompt, so that the first question about it is answered at once.",
      )
      .argument("<file>", "a text file")
      .option("--model <model>", "for which model (default: the one used last)")
      .option("--name <name>", "what to call it (default: the name of the file)")
      .action((file: string, flags: PinFlags) => pin(context, file, flags))
    command
      .command("unpin")
      .description("Let a pinned text go.")
      .argument("<name>", "as `fireside cache status` shows it")
      .action((name: string) => unpin(context, name))
  },
}

async function status({ io, flags, app }: CommandContext): Promise<void> {
  const current = await (await app()).prefixes.status()
  if (flags.json) return io.out(toJsonLine(current))
  const { diskBytes, usedBytes, models, pins } = current
  if (diskBytes === 0) io.err("Nothing is written to disk: the setting cache.disk is 0.\n")
  await io.out(`${formatSize(usedBytes)} of ${formatSize(diskBytes)} in use\n`)
  if (models.length > 0) {
    const rows = models.map((it) => [it.model, String(it.prefixes), String(it.tokens), formatSize(it.bytes)])
    await io.out(`\n${formatTable(["MODEL", "PREFIXES", "TOKENS", "SIZE"], rows)}`)
  }
  if (pins.length > 0) {
    const rows = pins.map((it) => [it.name, it.model, String(it.tokens), formatSize(it.bytes)])
    await io.out(`\n${formatTable(["PINNED", "MODEL", "TOKENS", "SIZE"], rows)}`)
  }
}

async function clear({ io, flags, app }: CommandContext, { model, pinned }: ClearFlags): Promise<void> {
  const wish = { ...(model === undefined ? {} : { model }), ...(pinned === undefined ? {} : { pinned }) }
  const cleared = await (await app()).prefixes.clear(wish)
  if (flags.json) return io.out(toJsonLine(cleared))
  io.err(
    `${counted(cleared.files, "prefix", "prefixes")} removed, ${formatSize(cleared.bytes)} free again.\n`,
  )
}

async function pin(context: CommandContext, file: string, flags: PinFlags): Promise<void> {
  const { io, signal } = context
  const text = await readNamedFile(file, "A text file is pinned: fireside cache pin FILE")
  requireText(file, text)
  const app = await context.app()
  const model = flags.model ?? (await app.lastModel())
  if (model === undefined)
    throw new AppError("usage", {
      message: "No model is named, and none was used before.",
      hint: "Name one with: --model MODEL",
    })
  const pinned = await app.prefixes.pin({ model, name: flags.name ?? basename(file), text }, signal)
  if (context.flags.json) return io.out(toJsonLine(pinned))
  io.err(
    `${stripEscapes(pinned.name)} is computed for ${stripEscapes(pinned.model)}: ${counted(pinned.tokens, "token", "tokens")}, ${formatSize(pinned.bytes)}. Chats that have it as system prompt begin at once.\n`,
  )
}

/** Throws `bad-request` for what is no text, or more than any context takes. */
function requireText(file: string, text: string): void {
  const problem = text.includes("\0")
    ? "is no text"
    : text.trim() === ""
      ? "is empty"
      : Buffer.byteLength(text) > REQUEST_LIMITS.countedPromptBytes
        ? `is larger than ${formatSize(REQUEST_LIMITS.countedPromptBytes)}`
        : undefined
  if (problem === undefined) return
  throw new AppError("bad-request", {
    message: `${file} ${problem}, so it cannot be pinned.`,
    hint: "Pin plain text, such as a system prompt or a document that was saved as text.",
  })
}

async function unpin({ io, flags, app }: CommandContext, name: string): Promise<void> {
  await (await app()).prefixes.unpin(name)
  if (flags.json) return io.out(toJsonLine({ name }))
  io.err(`${stripEscapes(name)} is no longer pinned.\n`)
}
