// The inverse of `parse-modelfile.ts`: the text that says what a request says.
import { AppError, type Message } from "@fireside/protocol"
import type { CreateRequest } from "../library.ts"
import { CONTEXT_LENGTH_NAME, MAX_TOKENS_NAME, SAMPLING_NAMES } from "../parameter-names.ts"
import { writeValue } from "./read-instructions.ts"

/** Throws `unsupported` for texts that the format cannot hold: a line that ends in three quotation marks, a zero byte. */
export function writeModelfile(request: Omit<CreateRequest, "name">): string {
  const { from, template, system, sampling = {}, stop = [], contextLength, maxTokens } = request
  const parameters: readonly (readonly [string, unknown])[] = [
    ...[...SAMPLING_NAMES].map(([name, key]) => [name, sampling[key]] as const),
    [CONTEXT_LENGTH_NAME, contextLength],
    [MAX_TOKENS_NAME, maxTokens],
  ]
  return [
    "# Made by Fireside. Make the model again with: fireside create NAME -f FILE",
    `FROM ${plain(from)}`,
    ...(template === undefined ? [] : [`TEMPLATE ${quoted(template)}`]),
    ...(system === undefined ? [] : [`SYSTEM ${quoted(system)}`]),
    ...parameters.flatMap(([name, value]) => (value === undefined ? [] : parameterLines(name, value))),
    ...stop.map((text) => `PARAMETER stop ${quoted(text)}`),
    ...(request.adapters ?? []).map((adapter) => `ADAPTER ${plain(adapter)}`),
    ...(request.messages ?? []).map(messageLine),
    ...(request.licences ?? []).map((licence) => `LICENSE ${quoted(licence)}`),
    "",
  ].join("\n")
}

function parameterLines(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map((item) => `PARAMETER ${name} ${quoted(String(item))}`)
  return [`PARAMETER ${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`]
}

function messageLine(message: Message): string {
  const { role, content, ...more } = message
  if (role !== "tool" && Object.keys(more).length === 0) return `MESSAGE ${role} ${quoted(content)}`
  throw new AppError("unsupported", {
    message:
      "A message of this model cannot stand in a Modelfile: it holds a tool call, an image or reasoning.",
  })
}

/** Names and paths stand as they are, unless they would be read as something else. */
function plain(text: string): string {
  return text === text.trim() && !/^"|[\r\n\0]/.test(text) ? text : quoted(text)
}

function quoted(text: string): string {
  const value = writeValue(text)
  if (value !== undefined) return value
  throw new AppError("unsupported", {
    message:
      "A text of this model cannot stand in a Modelfile: a line in it ends in three quotation marks, or it holds a zero byte.",
  })
}
