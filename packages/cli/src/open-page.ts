// Shows a page in the user's browser, where there is a screen to show it on.
import type { Environment } from "@fireside/host"
import type { CommandContext } from "./context.ts"

/** What a platform opens addresses with. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["open"],
  linux: ["xdg-open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
}
const WAIT_MS = 5_000

/** Never fails: the address is on the terminal in any case. */
export async function openPage({ installation, signal }: CommandContext, url: string): Promise<void> {
  const { readEnvironment, runProgram } = await import("@fireside/host")
  const environment = readEnvironment()
  const command = OPENERS[installation.platform]
  if (command === undefined || !hasScreen(environment, installation.platform)) return
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)])
    await runProgram({ command, args: [url], folder: "/", environment }, patience)
  } catch {
    // Without a browser the user copies the address.
  }
}

/** Over SSH, in a container, on a server there is none, and a text browser would take the terminal. */
export function hasScreen(environment: Environment, platform: NodeJS.Platform): boolean {
  const has = (name: string) => (environment[name] ?? "") !== ""
  if (has("SSH_CONNECTION") || has("CI")) return false
  return platform !== "linux" || has("DISPLAY") || has("WAYLAND_DISPLAY")
}
