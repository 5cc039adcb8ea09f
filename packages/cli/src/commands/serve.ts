// `fireside serve`: the server in the foreground, until it is told to stop.
import process from "node:process"
import type { SettingValues } from "@fireside/host"
import { AppError } from "@fireside/protocol"
import type { TlsChoice } from "@fireside/server"
import { InvalidArgumentError } from "commander"
import type { CommandModule } from "../command-module.ts"
import type { CommandContext } from "../context.ts"
import { collected, wholeNumber } from "../flag-values.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"
import { VERSION } from "../version.ts"

export interface ServeFlags {
  readonly host?: string
  readonly port?: number
  readonly ollamaPort?: number | "off"
  readonly parallel?: number
  readonly queue?: number
  readonly tlsCertificate?: string
  readonly tlsKey?: string
  readonly selfSigned?: boolean
  /** Commander's form of `--without-tls`. */
  readonly withoutTls?: boolean
  readonly allowHost?: readonly string[]
  readonly allowOrigin?: readonly string[]
  readonly requireKey?: boolean
  readonly deterministic?: boolean
}

export const serve: CommandModule = {
  define(command, context) {
    command
      .option("--host <address>", "address to listen on (default: the setting host, 127.0.0.1)")
      .option(
        "--port <port>",
        "port to listen on; 0 takes a free one (default: the setting port, 3473)",
        port,
      )
      .option(
        "--ollama-port <port|off>",
        "a second port, for programs that know only Ollama's: 11434",
        portOrOff,
      )
      .option("--parallel <n>", "answers that one model gives at once", wholeNumber(1))
      .option("--queue <n>", "requests that may wait for a turn", wholeNumber(0))
      .option("--tls-certificate <file>", "certificate with its chain, PEM")
      .option("--tls-key <file>", "private key of the certificate, PEM")
      .option("--self-signed", "use a certificate of our own, made once and kept in the data folder")
      .option("--without-tls", "speak plain HTTP beyond this computer: something in front of it encrypts")
      .option("--allow-host <name>", "also answer under this name; may be repeated", collected)
      .option("--allow-origin <origin>", "let pages of this origin call it; may be repeated", collected)
      .option("--require-key", "ask for a key on this computer too")
      .option("--deterministic", "the same input gives the same text, whatever else is answered at the time")
      .action((flags: ServeFlags) => runServer(context, flags))
  },
}

/** Until it is told to stop. `onListening` is told its address. */
export async function runServer(
  context: CommandContext,
  flags: ServeFlags,
  onListening: (url: string) => Promise<void> = async () => {},
): Promise<void> {
  const { io, signal } = context
  checkTls(flags)
  const { app, log, config } = await context.open({
    local: true,
    streams: "auto",
    settings: toSettings(flags),
  })
  const { values, paths } = config
  const { isLoopback, startServer } = await import("@fireside/server")
  const { createProcessRegistry, prepareHome } = await import("@fireside/host")
  await prepareHome(paths)
  const ollamaPort = flags.ollamaPort === "off" ? undefined : values.ollamaPort
  const server = await startServer({
    app,
    log,
    paths,
    host: values.host,
    port: values.port,
    ...(ollamaPort === undefined ? {} : { ollamaPort }),
    tls: chooseTls(flags, values),
    allowedHosts: values.allowedHosts ?? [],
    allowedOrigins: values.allowedOrigins ?? [],
    requireKey: values.requireKey,
    version: VERSION,
  })
  // One request's mistake must not end the others'; it is ours, and the log has it.
  const onStray = (reason: unknown): void =>
    log.error("a failure that nobody waited for", {
      stack: reason instanceof Error ? reason.stack : String(reason),
    })
  process.on("unhandledRejection", onStray)
  try {
    // So that `fireside stop` finds the process, also when the server itself does not answer any more.
    await using _entry = await createProcessRegistry(paths).register({ what: "server", name: server.url })
    if (context.flags.json) await io.out(toJsonLine(shown(server)))
    else io.err(describe(server, isLoopback(values.host)))
    void onListening(server.url)
    await Promise.race([server.stopped, aborted(signal)])
    if (signal.aborted && !context.flags.json)
      io.err("Stopping: running answers have a moment to finish. Once more to leave at once.\n")
    await server.stop()
  } finally {
    await server.stop()
    process.off("unhandledRejection", onStray)
  }
}

function toSettings(flags: ServeFlags): Readonly<Record<string, unknown>> {
  const { host, port: wanted, parallel, queue, tlsCertificate, tlsKey, requireKey, deterministic } = flags
  return {
    host,
    port: wanted,
    ollamaPort: flags.ollamaPort === "off" ? undefined : flags.ollamaPort,
    parallel,
    queueLength: queue,
    tlsCertificate,
    tlsKey,
    allowedHosts: flags.allowHost?.join(","),
    allowedOrigins: flags.allowOrigin?.join(","),
    requireKey,
    deterministic,
  }
}

/** Throws `usage` for flags that exclude each other. */
function checkTls({ tlsCertificate, tlsKey, selfSigned, withoutTls }: ServeFlags): void {
  const given = [
    ...(tlsCertificate !== undefined || tlsKey !== undefined ? ["--tls-certificate and --tls-key"] : []),
    ...(selfSigned === true ? ["--self-signed"] : []),
    ...(withoutTls === true ? ["--without-tls"] : []),
  ]
  if (given.length > 1)
    throw new AppError("usage", {
      message: `${given.join(" and ")} exclude each other.`,
      hint: "Give one of them.",
    })
}

/** Flags, then settings. Throws `usage` for half of a pair. */
function chooseTls(flags: ServeFlags, values: SettingValues): TlsChoice {
  if (flags.selfSigned === true) return { type: "self-signed" }
  if (flags.withoutTls === true) return { type: "without" }
  const { tlsCertificate: certificate, tlsKey: key } = values
  if (certificate !== undefined && key !== undefined) return { type: "files", certificate, key }
  if (certificate === undefined && key === undefined) return { type: "none" }
  throw new AppError("usage", {
    message: `A certificate ${certificate === undefined ? "is missing for its key" : "needs its key"}.`,
    hint: "Give both: --tls-certificate FILE --tls-key FILE",
  })
}

interface Shown {
  readonly url: string
  readonly ollamaUrl?: string
  readonly notices: readonly string[]
}

const shown = ({ url, ollamaUrl, notices }: Shown): Shown => ({
  url,
  ...(ollamaUrl === undefined ? {} : { ollamaUrl }),
  notices,
})

function describe({ url, ollamaUrl, notices }: Shown, onlyHere: boolean): string {
  const lines = [
    `Fireside serves ${url}`,
    ...(ollamaUrl === undefined ? [] : [`For programs that know only Ollama: ${ollamaUrl}`]),
    onlyHere
      ? "Only programs of this computer can reach it."
      : "Other computers of your network can reach it, with a key.",
    ...notices,
    "Ctrl-C stops it.",
  ]
  return `${lines.map(stripEscapes).join("\n")}\n`
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener("abort", () => resolve(), { once: true })
  })
}

function port(value: string): number {
  const number = Number(value)
  if (/^\d{1,5}$/.test(value.trim()) && number <= 65_535) return number
  throw new InvalidArgumentError("It is a number from 0 to 65535.")
}

const portOrOff = (value: string): number | "off" => (value === "off" ? "off" : port(value))
