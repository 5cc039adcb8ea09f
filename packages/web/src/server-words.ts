// What the server says in English, in the reader's language: `locales/<language>/server.json` has the words. There is none for English,
// whose words are the server's own and are said once; what no file knows stays in English too.
import type { Setting } from "@fireside/protocol"
import { useTranslation } from "react-i18next"

/** The form of `server.json`. */
export interface ServerTexts {
  /** By the setting's key. `otherwise`: what happens when nothing is set. */
  readonly settings: Readonly<Record<string, { readonly meaning: string; readonly otherwise?: string }>>
  /** What a model of the catalogue is good for, by its name. */
  readonly models: Readonly<Record<string, string>>
  /** By the error's code: what happened, and what to do next. */
  readonly errors: Readonly<Record<string, { readonly message: string; readonly hint?: string }>>
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
}

export function useServerWords(): ServerWords {
  const { i18n } = useTranslation()
  // The files of every language have this form: a test compares them with the code.
  return serverWords(i18n.getResourceBundle(i18n.language, "server") as ServerTexts | undefined)
}

export function serverWords(texts: ServerTexts | undefined): ServerWords {
  return {
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
  }
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
