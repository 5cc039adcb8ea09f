// `fireside privacy`: the lock, and the ledger of every connection that was made or refused.
import type { LedgerEntry, PrivacyStatus } from "@fireside/protocol"
import type { Command } from "commander"
import type { CommandModule } from "../command-module.ts"
import type { CommandContext } from "../context.ts"
import { counted, formatAge, formatSize } from "../terminal/format.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"
import { formatTable } from "../terminal/table.ts"

const LOCK_MEANINGS: Readonly<Record<PrivacyStatus["lock"], string>> = {
  locked: "locked: nothing leaves this machine",
  ask: "open, only for what you ask for",
  "allow-list": "open, only to the hosts you listed",
}

const SANDBOX_MEANINGS: Readonly<Record<PrivacyStatus["sandbox"], string>> = {
  full: "models run without network, their files read-only",
  partial: "models run without network",
  none: "this system cannot keep models from the network; Fireside gives them none",
}

export const privacy: CommandModule = {
  define(command, context) {
    command
      .command("status")
      .description("Say whether anything may leave, and what last did.")
      .action(() => status(context))
    command
      .command("ledger")
      .description("List every connection, oldest first.")
      .option("-n, --last <count>", "only the last ones", Number.parseInt)
      .action(({ last }: { last?: number }) => ledger(context, last))
    addLock(command, context, "lock", "Let nothing leave this machine.")
    addLock(command, context, "unlock", "Let what you ask for leave this machine again.")
    command
      .command("allow")
      .description("Let only listed hosts be reached, and add one to them.")
      .argument("<host>", "a host name: huggingface.co")
      .action((host: string) => allow(context, host))
    command
      .command("verify")
      .description("Check that nobody changed the ledger.")
      .action(() => verifyChain(context))
  },
}

async function status({ io, flags, app, date }: CommandContext): Promise<void> {
  const current = await (await app()).privacy.status()
  if (flags.json) return io.out(toJsonLine(current))
  const { dim } = io.outColours
  const { lastEntry } = current
  const last =
    lastEntry === null
      ? "never"
      : `${formatAge(new Date(lastEntry.at), date())}, ${placeOf(lastEntry)}, ${lastEntry.reason}`
  const rows = [
    ["Lock", LOCK_MEANINGS[current.lock]],
    ["Sandbox", SANDBOX_MEANINGS[current.sandbox]],
    ["Ledger", counted(current.entries, "entry", "entries")],
    ["Last", last],
  ]
  for (const [name = "", value = ""] of rows) await io.out(`${dim(name.padEnd(8))} ${stripEscapes(value)}\n`)
}

/** What was refused before it was known where it would go has no place. */
const placeOf = (entry: LedgerEntry): string =>
  entry.host === "" ? "nowhere" : `${entry.host}:${entry.port}`

async function ledger({ io, flags, app }: CommandContext, last: number | undefined): Promise<void> {
  const all = await (await app()).privacy.ledger()
  const entries = last === undefined || !(last > 0) ? all : all.slice(-last)
  if (flags.json) return io.out(toJsonLine(entries))
  if (entries.length === 0) return io.err("The ledger is empty: nothing has left this machine.\n")
  const rows = entries.map((entry) => [
    String(entry.seq),
    entry.at.replace("T", " ").slice(0, 19),
    entry.verdict,
    placeOf(entry),
    formatSize(entry.bytesOut),
    formatSize(entry.bytesIn),
    entry.reason,
  ])
  await io.out(formatTable(["SEQ", "TIME (UTC)", "VERDICT", "TO", "OUT", "IN", "REASON"], rows))
}

function addLock(
  command: Command,
  context: CommandContext,
  name: "lock" | "unlock",
  description: string,
): void {
  command
    .command(name)
    .description(description)
    .action(async () => {
      const { io, flags } = context
      const { privacy: gate } = await context.app()
      await gate.setLock(name === "lock" ? "locked" : "ask")
      const current = await gate.status()
      if (flags.json) return io.out(toJsonLine(current))
      io.err(`The lock is now ${LOCK_MEANINGS[current.lock]}.\n`)
    })
}

async function allow({ io, flags, app }: CommandContext, host: string): Promise<void> {
  const gate = (await app()).privacy
  await gate.allowHost(host)
  await gate.setLock("allow-list")
  const hosts = await gate.allowedHosts()
  if (flags.json) return io.out(toJsonLine({ lock: "allow-list", hosts }))
  io.err(`Only these hosts can be reached now: ${stripEscapes(hosts.join(", "))}\n`)
}

async function verifyChain(context: CommandContext): Promise<void> {
  const { io, flags } = context
  const gate = (await context.app()).privacy
  const [brokenAt, { entries }] = await Promise.all([gate.verify(), gate.status()])
  if (brokenAt !== null) context.setExitCode(1)
  if (flags.json) return io.out(toJsonLine({ ok: brokenAt === null, entries, brokenAt }))
  const { green, red } = io.outColours
  await io.out(
    brokenAt === null
      ? `${green("✓")} ${counted(entries, "entry", "entries")}; the chain is whole.\n`
      : `${red("✗")} The chain breaks at entry ${brokenAt}: it or one before it was changed.\n`,
  )
}
