// The text of a Modelfile as instructions: words, values, line numbers. Says nothing of what they mean.
import { closestName } from "@fireside/host"
import { AppError, MODELFILE_LIMITS } from "@fireside/protocol"
import { badLine, shown } from "./bad-line.ts"

const NAMES = [
  "from",
  "parameter",
  "template",
  "system",
  "adapter",
  "license",
  "message",
  "requires",
  "renderer",
  "parser",
] as const
export type InstructionName = (typeof NAMES)[number]

export interface Instruction {
  readonly name: InstructionName
  /** From 1. */
  readonly line: number
  /** The word before the value, of PARAMETER and MESSAGE; empty for the others. */
  readonly key: string
  readonly value: string
}

/** Instructions that are shown as what a Modelfile may hold; the last two are of Ollama's own machinery. */
const ACCEPTED = NAMES.slice(0, 8)
  .map((name) => name.toUpperCase())
  .join(", ")

/** Throws `bad-request` with the line. */
export function readInstructions(text: string): readonly Instruction[] {
  const lines = splitLines(text)
  const instructions: Instruction[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const [, word = "", rest = ""] = /^\s*(\S+)\s*(.*)$/s.exec(lines[at] ?? "") ?? []
    if (word === "" || word.startsWith("#")) continue
    const line = at + 1
    const name = nameOf(word, line)
    const keyed = name === "parameter" || name === "message"
    const [, key = "", behind = ""] = keyed ? (/^(\S*)\s*(.*)$/s.exec(rest) ?? []) : [rest, "", rest]
    const read = readValue(behind, lines, at)
    if (read === undefined)
      throw badLine(
        line,
        `the text that begins with a quotation mark never ends.`,
        'Close it with " on its line, or begin and end it with """.',
      )
    at = read.last
    instructions.push({ name, line, key, value: read.value })
  }
  return instructions
}

/** A value in quotation marks that reads back as it is; undefined for what no Modelfile can hold. */
export function writeValue(value: string): string | undefined {
  const marks = value.includes("\n") ? ['"""', '"'] : ['"', '"""']
  return marks
    .map((mark) => `${mark}${value}${mark}`)
    .find((text) => {
      const lines = text.split("\n")
      const read = readValue(lines[0] ?? "", lines, 0)
      return !value.includes("\0") && read?.value === value && read.last === lines.length - 1
    })
}

interface ReadValue {
  readonly value: string
  /** Index of the line that it ends on. */
  readonly last: number
}

/**
 * Plain to the end of the line; with `"` or `"""` to the first line that ends in the same mark. Nothing is escaped, as Ollama does it.
 * Undefined when the closing mark is missing.
 */
function readValue(first: string, lines: readonly string[], at: number): ReadValue | undefined {
  const mark = first.startsWith('"""') ? '"""' : first.startsWith('"') ? '"' : ""
  if (mark === "") return { value: first.trimEnd(), last: at }
  const parts: string[] = []
  for (let last = at; last < lines.length; last += 1) {
    const part = last === at ? first : (lines[last] ?? "")
    const end = part.trimEnd()
    const least = last === at ? 2 * mark.length : mark.length
    if (end.endsWith(mark) && end.length >= least) {
      const text = [...parts, end].join("\n")
      return { value: text.slice(mark.length, -mark.length), last }
    }
    parts.push(part)
  }
  return undefined
}

function splitLines(text: string): readonly string[] {
  const size = Buffer.byteLength(text)
  if (size > MODELFILE_LIMITS.bytes)
    throw new AppError("bad-request", {
      message: `The Modelfile has ${size} bytes; at most ${MODELFILE_LIMITS.bytes} are read.`,
      hint: "Weights do not belong into it: FROM names their file.",
    })
  const plain = text.startsWith("\uFEFF") ? text.slice(1) : text
  const firstEnd = plain.indexOf("\n")
  // An editor that ends the first line this way ends all of them so; a text that holds such ends by itself keeps them.
  const lines = (plain[firstEnd - 1] === "\r" ? plain.replaceAll("\r\n", "\n") : plain).split("\n")
  if (lines.length > MODELFILE_LIMITS.lines)
    throw badLine(
      MODELFILE_LIMITS.lines + 1,
      "the file goes on.",
      `At most ${MODELFILE_LIMITS.lines} lines are read.`,
    )
  const binary = lines.findIndex((line) => line.includes("\0"))
  if (binary >= 0)
    throw badLine(
      binary + 1,
      "it is not text (it holds a zero byte).",
      "A Modelfile is a text file in UTF-8; a GGUF file is what its FROM line names.",
    )
  return lines
}

function nameOf(word: string, line: number): InstructionName {
  const name = NAMES.find((known) => known === word.toLowerCase())
  if (name !== undefined) return name
  const close = closestName(word, NAMES)
  throw badLine(
    line,
    `${shown(word)} is no instruction.`,
    close === undefined
      ? `A line begins with ${ACCEPTED} or #. A text of several lines stands between """ and """.`
      : `Did you mean ${close.toUpperCase()}?`,
  )
}
