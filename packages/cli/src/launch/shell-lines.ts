// Variables and commands as the lines of a shell. Whatever is in a value, the shell takes it as it is.

export const SHELLS = ["posix", "fish", "powershell"] as const
export type Shell = (typeof SHELLS)[number]

/** A text as one word of the shell. */
function quoteFor(shell: Shell, text: string): string {
  switch (shell) {
    case "posix":
      return `'${text.replaceAll("'", "'\\''")}'`
    case "fish":
      return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`
    case "powershell":
      // It takes typographic quotation marks for its own ones.
      return `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`
    default:
      return shell satisfies never
  }
}

export function exportLine(shell: Shell, name: string, value: string): string {
  const word = quoteFor(shell, value)
  switch (shell) {
    case "posix":
      return `export ${name}=${word}`
    case "fish":
      return `set -gx ${name} ${word}`
    case "powershell":
      return `$env:${name} = ${word}`
    default:
      return shell satisfies never
  }
}

/** A command with its words quoted where they need it. */
export function commandLine(shell: Shell, words: readonly string[]): string {
  return words.map((word) => (/^[\w./:@=-]+$/.test(word) ? word : quoteFor(shell, word))).join(" ")
}
