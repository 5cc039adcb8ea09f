// What the server says in English, in the reader's language: `locales/<language>/server.json` has the words. There is none for English,
// whose words are the server's own and are said once; what no file knows stays in English too.
import type { DoctorReport, Setting } from "@fireside/protocol"
import { useTranslation } from "react-i18next"
import { formatBytes } from "./ui/format.ts"
import { hasRightToLeft, isolate } from "./ui/join-facts.ts"

type Check = DoctorReport["checks"][number]

/** The form of `server.json`. */
export interface ServerTexts {
  /** By the setting's key. `otherwise`: what happens when nothing is set. */
  readonly settings: Readonly<Record<string, { readonly meaning: string; readonly otherwise?: string }>>
  /** What a model of the catalogue is good for, by its name. */
  readonly models: Readonly<Record<string, string>>
  /** By the error's code: what happened, and what to do next. */
  readonly errors: Readonly<Record<string, { readonly message: string; readonly hint?: string }>>
  /** What the doctor found and advises, by their codes, with `{{values}}`. */
  readonly findings: Readonly<Record<string, string>>
  readonly advice: Readonly<Record<string, string>>
}

export interface ErrorWords {
  readonly message: string
  readonly hint: string | undefined
  /** The server's own English, with names and numbers, where the words above are ours. */
  readonly detail: string | undefined
}

export interface ServerWords {
  setting(setting: Pick<Setting, "key" | "description" | "otherwise">): {
    readonly description: string
    readonly otherwise: string | undefined
  }
  goodFor(model: { readonly name: string; readonly goodFor: string }): string
  /** Of anything that was thrown, or of what the server sent as an error. */
  error(error: unknown): ErrorWords
  finding(check: Check): ErrorWords
}

export function useServerWords(): ServerWords {
  const { i18n } = useTranslation()
  // The files of every language have this form: a test compares them with the code.
  return serverWords(
    i18n.getResourceBundle(i18n.language, "server") as ServerTexts | undefined,
    i18n.language,
  )
}

export function serverWords(texts: ServerTexts | undefined, language: string): ServerWords {
  const words: ServerWords = {
    setting({ key, description, otherwise }) {
      const words = texts?.settings[key]
      return {
        description: words?.meaning ?? description,
        otherwise: otherwise === undefined ? undefined : (words?.otherwise ?? otherwise),
      }
    },
    goodFor: ({ name, goodFor }) => texts?.models[name] ?? goodFor,
    error(error) {
      const { message, hint, code } = readError(error)
      const words = code === undefined ? undefined : texts?.errors[code]
      if (words === undefined) return { message, hint, detail: undefined }
      return {
        message: words.message,
        hint: words.hint,
        detail: [message, ...(hint === undefined ? [] : [hint])].join(" "),
      }
    },
    finding(check) {
      const { hint, code = "", advice = "", values = {} } = check
      const text = texts?.findings[code]
      // A look that failed has the code of its error.
      if (text === undefined) return words.error(check)
      const adviceText = texts?.advice[advice]
      return {
        message: fill(text, values, { language, isolates: hasRightToLeft(text) }),
        // It may be a command that somebody copies: nothing invisible stands in it.
        hint: adviceText === undefined ? hint : fill(adviceText, values, { language, isolates: false }),
        detail: undefined,
      }
    },
  }
  return words
}

interface FillOptions {
  readonly language: string
  /** Values keep their own direction. */
  readonly isolates: boolean
}

function fill(
  text: string,
  values: NonNullable<Check["values"]>,
  { language, isolates }: FillOptions,
): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (place, name: string) => {
    const value = values[name]
    if (value === undefined) return place
    const words = name.endsWith("Bytes") ? formatBytes(Number(value), language) : String(value)
    return isolates ? isolate(words) : words
  })
}

interface ReadError {
  readonly message: string
  readonly hint: string | undefined
  readonly code: string | undefined
}

function readError(error: unknown): ReadError {
  if (typeof error !== "object" || error === null)
    return { message: String(error), hint: undefined, code: undefined }
  const { message, hint, code }: { message?: unknown; hint?: unknown; code?: unknown } = error
  return { message: textOf(message) ?? String(error), hint: textOf(hint), code: textOf(code) }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined
}
