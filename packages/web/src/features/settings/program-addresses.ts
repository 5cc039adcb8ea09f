// The addresses under which other programs reach this server.
import type { Setting } from "@fireside/protocol"

export interface ProgramAddress {
  readonly dialect: "openai" | "ollama" | "anthropic"
  readonly url: string
  /** The variable that programs of this kind read it from. */
  readonly variable: string
}

/** `origin`: how this page was reached, so programs on the same device reach it so too. `ollamaPort` null: there is no second port. */
export function programAddresses(origin: string, ollamaPort: number | null): readonly ProgramAddress[] {
  return [
    { dialect: "openai", url: `${origin}/v1`, variable: "OPENAI_BASE_URL" },
    { dialect: "ollama", url: withPort(origin, ollamaPort), variable: "OLLAMA_HOST" },
    { dialect: "anthropic", url: origin, variable: "ANTHROPIC_BASE_URL" },
  ]
}

function withPort(origin: string, port: number | null): string {
  if (port === null) return origin
  const url = new URL(origin)
  url.port = String(port)
  return url.origin
}

/** Null: there is none, or it is not in force yet. */
export function ollamaPortOf(settings: readonly Setting[]): number | null {
  const found = settings.find(({ key }) => key === "ollamaPort")
  return found !== undefined && !found.needsRestart && typeof found.value === "number" && found.value > 0
    ? found.value
    : null
}

/** Can only programs of this computer use the address? */
export function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin)
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname)
}

export interface ExampleOptions {
  readonly origin: string
  readonly model: string
}

/** For a terminal: POSIX shells and PowerShell 7 read it alike. */
export function exampleRequest({ origin, model }: ExampleOptions): string {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }] })
  return `curl ${origin}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`
}
