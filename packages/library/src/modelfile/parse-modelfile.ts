// A Modelfile becomes a request: what the instructions mean, and which of them are left aside.
import { resolve } from "node:path"
import {
  AppError,
  type Message,
  MODELFILE_LIMITS,
  REQUEST_LIMITS,
  SamplingOptions,
  TEMPLATE_LIMITS,
} from "@fireside/protocol"
import { digestHex } from "../digest.ts"
import type { CreateRequest, ParsedModelfile } from "../library.ts"
import { isGoTemplate } from "../model-settings.ts"
import { formatReference, type PlainReference, parseReference, type Reference } from "../reference.ts"
import { badLine, shown } from "./bad-line.ts"
import { type ReadParameters, readParameter } from "./parameters.ts"
import { type Instruction, readInstructions } from "./read-instructions.ts"

export interface ParseModelfileOptions {
  /** Of the model that is made. */
  readonly name: string
  /** Relative paths are meant from here; undefined: there are no paths. */
  readonly folder?: string
}

/** Fields of a request, being collected. */
type Draft = { -readonly [Key in keyof CreateRequest]?: CreateRequest[Key] }

interface Reading {
  readonly draft: Draft
  readonly parameters: ReadParameters
  readonly messages: Message[]
  readonly licences: string[]
  readonly adapters: string[]
  readonly notices: string[]
  readonly folder: string | undefined
}

/** Throws `bad-request` with the line, what is wrong there and what is accepted. */
export function parseModelfile(text: string, { name, folder }: ParseModelfileOptions): ParsedModelfile {
  const notices: string[] = []
  const parameters: ReadParameters = { sampling: {}, stop: [], notices }
  const reading: Reading = {
    draft: {},
    parameters,
    messages: [],
    licences: [],
    adapters: [],
    notices,
    folder,
  }
  for (const instruction of readInstructions(text)) readInstruction(instruction, reading)
  const { draft, messages, licences, adapters } = reading
  const { from, ...rest } = draft
  if (from === undefined)
    throw new AppError("bad-request", {
      message: "The Modelfile has no FROM line.",
      hint: "Say what the model is made of: FROM smollm2:135m, or FROM ./weights.gguf.",
    })
  const { sampling, stop, contextLength, maxTokens } = parameters
  const request: CreateRequest = {
    name,
    from,
    ...rest,
    // Each value was judged when it was read.
    ...(Object.keys(sampling).length === 0 ? {} : { sampling: SamplingOptions.parse(sampling) }),
    ...(stop.length === 0 ? {} : { stop }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(messages.length === 0 ? {} : { messages }),
    ...(licences.length === 0 ? {} : { licences }),
    ...(adapters.length === 0 ? {} : { adapters }),
  }
  return { request, notices }
}

function readInstruction(instruction: Instruction, reading: Reading): void {
  const { name, value, line } = instruction
  const { draft, notices } = reading
  switch (name) {
    case "from":
      if (draft.from !== undefined)
        throw badLine(line, "FROM is given twice.", "A model is made of one other.")
      draft.from = readFrom(instruction, reading.folder)
      return
    case "parameter":
      readParameter(instruction, reading.parameters)
      return
    case "template":
      readTemplate(instruction, reading)
      return
    case "system":
      if (draft.system !== undefined)
        notices.push(`Line ${line}: SYSTEM is given again; the last one counts.`)
      draft.system = value
      return
    case "adapter":
      if (reading.adapters.length >= MODELFILE_LIMITS.adapters)
        throw badLine(
          line,
          "there are too many ADAPTER.",
          `A model has at most ${MODELFILE_LIMITS.adapters}.`,
        )
      reading.adapters.push(fileOf(requireValue(instruction), instruction, reading.folder))
      return
    case "license":
      reading.licences.push(requireValue(instruction))
      return
    case "message":
      reading.messages.push(readMessage(instruction, reading.messages.length))
      return
    case "requires":
    case "renderer":
    case "parser":
      notices.push(`Line ${line}: ${name.toUpperCase()} speaks of Ollama's own program and is left aside.`)
      return
    default:
      name satisfies never
  }
}

function requireValue({ name, value, line }: Instruction): string {
  if (value.trim() !== "") return value
  const word = name.toUpperCase()
  throw badLine(line, `${word} says nothing.`, `Give it a value: ${word} …`)
}

function readFrom(instruction: Instruction, folder: string | undefined): string {
  const value = requireValue(instruction)
  if (value.startsWith("blob:")) return fileOf(value, instruction, folder)
  const reference = parseFrom(value, instruction.line)
  if (reference.type === "path") return fileOf(value, instruction, folder)
  if (reference.type !== "adapted") return value
  // Each of base+adapter may be a file.
  const own = <Piece extends PlainReference>(piece: Piece): Piece =>
    piece.type === "path" ? { ...piece, path: fileOf(piece.path, instruction, folder) } : piece
  const { base, adapters } = reference
  return [base, ...adapters].some(({ type }) => type === "path")
    ? formatReference({ type: "adapted", base: own(base), adapters: adapters.map(own) })
    : value
}

function parseFrom(value: string, line: number): Reference {
  try {
    return parseReference(value)
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    throw badLine(
      line,
      `FROM ${shown(value)} names no model. ${cause.message}`,
      "FROM takes a model (smollm2:135m, hf:owner/repo, …) or the path of a GGUF file (./weights.gguf).",
    )
  }
}

/** An absolute path, or `blob:sha256-…` as it is. */
function fileOf(value: string, { name, line }: Instruction, folder: string | undefined): string {
  const word = name.toUpperCase()
  if (value.startsWith("blob:")) {
    const hex = digestHex(value.slice("blob:".length))
    if (hex !== undefined) return `blob:sha256-${hex}`
    throw badLine(line, `${word} names no uploaded file.`, "blob:sha256- and 64 lower-case hex digits.")
  }
  if (value.includes("://") || folder === undefined)
    throw badLine(
      line,
      `${word} ${shown(value)} cannot be read from here.`,
      folder === undefined
        ? "Upload the file first and name it by its digest: blob:sha256-…"
        : "Give the path of a file of this computer.",
    )
  return resolve(folder, value)
}

function readTemplate({ value, line }: Instruction, { draft, notices }: Reading): void {
  if (Buffer.byteLength(value) > TEMPLATE_LIMITS.sourceBytes)
    throw badLine(
      line,
      `TEMPLATE has ${Buffer.byteLength(value)} bytes.`,
      `At most ${TEMPLATE_LIMITS.sourceBytes} are read.`,
    )
  if (isGoTemplate(value)) {
    notices.push(
      `Line ${line}: TEMPLATE is written in Go's template language and is left aside; the template of the model's own file is used. A Jinja template would be taken.`,
    )
    return
  }
  if (draft.template !== undefined)
    notices.push(`Line ${line}: TEMPLATE is given again; the last one counts.`)
  draft.template = value
}

const ROLES = ["system", "user", "assistant"] as const

function readMessage({ key, value, line }: Instruction, before: number): Message {
  const role = ROLES.find((known) => known === key.toLowerCase())
  if (role === undefined)
    throw badLine(
      line,
      key === "" ? "MESSAGE says nothing." : `MESSAGE cannot be of ${shown(key)}.`,
      "MESSAGE system|user|assistant TEXT",
    )
  const most = Math.min(MODELFILE_LIMITS.messages, REQUEST_LIMITS.messages)
  if (before >= most) throw badLine(line, "there are too many MESSAGE.", `A model has at most ${most}.`)
  return { role, content: value }
}
