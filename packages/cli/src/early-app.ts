// For `run` every millisecond before the first word counts: the engine's process starts before commander and the commands are imported.
// Nothing here may import more than the app. A running server has the engine already: then nothing is started.
import type { OpenAppFlags, OpenedApp } from "@fireside/app"
import { openHere } from "./open-here.ts"

const VALUED = ["--home", "--engine"] as const

/** The flags that opening the app needs, when the arguments surely call `run`; undefined otherwise. A guess: commander decides. */
export function guessRunFlags(argv: readonly string[]): OpenAppFlags | undefined {
  const flags: Record<string, string> = {}
  let isRun = false
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ""
    if (word === "--") break
    if (word === "--help" || word === "-h") return undefined
    const [name = "", value] = word.split("=", 2)
    const valued = VALUED.find((it) => it === name)
    if (valued !== undefined) {
      if (value === undefined) at += 1
      flags[valued.slice(2)] = value ?? argv[at] ?? ""
    } else if (!word.startsWith("-") && !isRun) {
      if (word !== "run") return undefined
      isRun = true
    }
  }
  // An engine of another name is refused when it is parsed.
  return isRun ? (flags as OpenAppFlags) : undefined
}

export interface EarlyApp extends AsyncDisposable {
  /** The app that was opened early, when the flags are those that were guessed. */
  take(flags: OpenAppFlags): Promise<OpenedApp> | undefined
}

/** Opens the app and starts its engine. Failures wait for whoever takes it. */
export async function openEarly(guessed: OpenAppFlags): Promise<EarlyApp> {
  const opened = openHere(guessed)
  await opened.then(({ app }) => app.prepare()).catch(() => {})
  let taken = false
  return {
    take(flags) {
      if (taken || flags.home !== guessed.home || flags.engine !== guessed.engine) return undefined
      taken = true
      return opened
    },
    async [Symbol.asyncDispose]() {
      if (taken) return
      const there = await opened.catch(() => undefined)
      await there?.app[Symbol.asyncDispose]()
    },
  }
}
