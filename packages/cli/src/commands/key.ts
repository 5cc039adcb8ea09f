// `fireside key`: keys for other programs and other people.
import { AppError, type KeySummary, type NewKey, Scope } from "@fireside/protocol"
import type { CommandModule } from "../command-module.ts"
import type { CommandContext } from "../context.ts"
import { wholeNumber } from "../flag-values.ts"
import { formatAge } from "../terminal/format.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"
import { formatTable } from "../terminal/table.ts"

interface CreateFlags {
  readonly name: string
  readonly scope?: readonly string[]
  readonly model?: readonly string[]
  readonly requestsPerMinute?: number
  readonly tokensPerDay?: number
}

export const key: CommandModule = {
  define(command, context) {
    command
      .command("create")
      .description("Make a key. It is shown this once.")
      .requiredOption("--name <name>", "what it is for: phone, editor, anna")
      .option("--scope <scopes>", "chat, embed, models, admin (default: chat,embed)", listed)
      .option("--model <model>", "a model it may use; may be repeated (default: all)", listed)
      .option("--requests-per-minute <n>", "most requests in a minute", wholeNumber(1))
      .option("--tokens-per-day <n>", "most tokens in a day", wholeNumber(1))
      .action((flags: CreateFlags) => create(context, flags))
    command
      .command("list")
      .description("List keys, newest first.")
      .action(() => list(context))
    command
      .command("revoke")
      .description("Make a key invalid, from its next request on.")
      .argument("<key>", "its name or id")
      .action((idOrName: string) => revoke(context, idOrName))
  },
}

async function create(context: CommandContext, flags: CreateFlags): Promise<void> {
  const { io } = context
  const { name, scope, model, requestsPerMinute, tokensPerDay } = flags
  const wish: NewKey = {
    name,
    ...(scope === undefined ? {} : { scopes: scope.map(toScope) }),
    ...(model === undefined ? {} : { models: [...model] }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(tokensPerDay === undefined ? {} : { tokensPerDay }),
  }
  const made = await (await context.app()).keys.create(wish)
  if (context.flags.json) {
    const { id, prefix, key: secret, scopes, ...rest } = made
    return io.out(toJsonLine({ id, prefix, key: secret, scopes, ...rest }))
  }
  await io.out(`${made.key}\n`)
  io.err(
    `This is the only time it is shown. Programs send it as their API key; it may: ${made.scopes.join(", ")}.\n`,
  )
}

async function list(context: CommandContext): Promise<void> {
  const { io, flags, date } = context
  const keys = await (await context.app()).keys.list()
  if (flags.json) return io.out(toJsonLine(keys))
  if (keys.length === 0) {
    io.err("There are no keys. Make one with: fireside key create --name NAME\n")
    return
  }
  const age = (at: string | null): string => (at === null ? "never" : formatAge(new Date(at), date()))
  const row = (it: KeySummary): readonly string[] => [
    it.name,
    `${it.prefix}…`,
    it.scopes.join(","),
    it.models?.join(",") ?? "all",
    String(it.tokensToday),
    age(it.lastUsedAt),
    it.revokedAt === null ? "" : "revoked",
  ]
  await io.out(formatTable(["NAME", "KEY", "SCOPES", "MODELS", "TOKENS TODAY", "USED", ""], keys.map(row)))
}

async function revoke(context: CommandContext, idOrName: string): Promise<void> {
  const revoked = await (await context.app()).keys.revoke(idOrName)
  if (context.flags.json) return context.io.out(toJsonLine(revoked))
  context.io.err(`${stripEscapes(revoked.name)} (${revoked.prefix}…) is revoked.\n`)
}

/** Repeated flags and commas both make lists. */
function listed(text: string, all: readonly string[] = []): readonly string[] {
  const items = text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")
  return [...all, ...items]
}

function toScope(text: string): Scope {
  const parsed = Scope.safeParse(text.toLowerCase())
  if (parsed.success) return parsed.data
  throw new AppError("usage", {
    message: `There is no scope ${JSON.stringify(text)}.`,
    hint: `Scopes are ${Scope.options.join(", ")}.`,
  })
}
