// `fireside service`: prints the file that makes the server a service of the system. Installs nothing.
import { existsSync } from "node:fs"
import { AppError } from "@fireside/protocol"
import type { CommandModule } from "../command-module.ts"
import type { CommandContext } from "../context.ts"
import { LAUNCHD_LABEL, launchdPlist } from "../service/launchd-plist.ts"
import type { ServiceFacts } from "../service/service-facts.ts"
import { systemdUnit } from "../service/systemd-unit.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

const KINDS = ["systemd", "launchd"] as const
type Kind = (typeof KINDS)[number]

export const service: CommandModule = {
  define(command, context) {
    command
      .argument("[kind]", "systemd or launchd (default: what this system has)")
      .argument("[arguments...]", "flags of serve, behind --: -- --port 4000")
      .option("--user-name <name>", "a service of the whole system that runs as this user")
      .action((kind: string | undefined, rest: readonly string[], flags: { userName?: string }) =>
        printService(context, { kind, rest, userName: flags.userName }),
      )
  },
}

interface Wanted {
  readonly kind: string | undefined
  readonly rest: readonly string[]
  readonly userName: string | undefined
}

async function printService(context: CommandContext, { kind, rest, userName }: Wanted): Promise<void> {
  const { io, installation } = context
  const isFlag = kind?.startsWith("-") === true
  const wanted = readKind(isFlag ? undefined : kind, installation.platform)
  if (userName !== undefined && !/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(userName))
    throw new AppError("usage", {
      message: `${JSON.stringify(userName)} is no name of a user.`,
      hint: "Letters, digits, dots, dashes and underscores.",
    })
  const { config } = await context.open({ local: true })
  const { home, logs } = config.paths
  const serveFlags = isFlag && kind !== undefined ? [kind, ...rest] : rest
  const facts: ServiceFacts = {
    command: [...installation.command, "serve", ...serveFlags],
    home,
    logs,
    userName,
  }
  const text = wanted === "systemd" ? systemdUnit(facts) : launchdPlist(facts)
  const place = placeOf(wanted, userName !== undefined)
  if (context.flags.json) return io.out(toJsonLine({ kind: wanted, file: place.file, text }))
  await io.out(stripEscapes(text))
  io.err(`\nNothing was installed. Write this to ${place.file}, then:\n  ${place.steps.join("\n  ")}\n`)
  if (!existsSync(home))
    io.err(`The data folder must be there first: mkdir -p -m 700 ${stripEscapes(home)}\n`)
}

function readKind(kind: string | undefined, platform: NodeJS.Platform): Kind {
  const wanted = kind ?? (platform === "darwin" ? "launchd" : platform === "linux" ? "systemd" : undefined)
  const found = KINDS.find((it) => it === wanted)
  if (found !== undefined) return found
  throw new AppError("usage", {
    message: kind === undefined ? "This system has neither systemd nor launchd." : `${kind} is not known.`,
    hint: "fireside service systemd, or fireside service launchd",
  })
}

interface Place {
  readonly file: string
  readonly steps: readonly string[]
}

function placeOf(kind: Kind, isSystem: boolean): Place {
  switch (kind) {
    case "systemd":
      return isSystem
        ? {
            file: "/etc/systemd/system/fireside.service",
            steps: ["sudo systemctl daemon-reload", "sudo systemctl enable --now fireside"],
          }
        : {
            file: "~/.config/systemd/user/fireside.service",
            steps: [
              "systemctl --user daemon-reload",
              "systemctl --user enable --now fireside",
              'loginctl enable-linger "$USER"   (to run it without being logged in)',
            ],
          }
    case "launchd": {
      const folder = isSystem ? "/Library/LaunchDaemons" : "~/Library/LaunchAgents"
      const domain = isSystem ? "system" : 'gui/"$(id -u)"'
      const file = `${folder}/${LAUNCHD_LABEL}.plist`
      return { file, steps: [`${isSystem ? "sudo " : ""}launchctl bootstrap ${domain} ${file}`] }
    }
    default:
      return kind satisfies never
  }
}
