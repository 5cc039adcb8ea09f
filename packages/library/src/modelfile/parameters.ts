// PARAMETER lines: which there are, what values they take, what becomes of them.
import { closestName } from "@fireside/host"
import { GGUF_LIMITS, REQUEST_LIMITS, SamplingOptions, z } from "@fireside/protocol"
import {
  CONTEXT_LENGTH_NAME,
  LEAST_CONTEXT_LENGTH,
  MAX_TOKENS_NAME,
  SAMPLING_NAMES,
  type SamplingKey,
} from "../parameter-names.ts"
import { badLine, shown } from "./bad-line.ts"
import type { Instruction } from "./read-instructions.ts"

/** What the PARAMETER lines of a file come to. */
export interface ReadParameters {
  sampling: Record<string, unknown>
  stop: string[]
  contextLength?: number
  maxTokens?: number
  notices: string[]
}

/** Of Ollama's runner: how to load, which our plan decides for each machine. */
const RUNNER = ["num_batch", "num_gpu", "main_gpu", "use_mmap", "use_mlock", "num_thread", "num_keep"]
/** Of its earlier versions: no sampler reads them any more. */
const OLD = ["tfs_z", "penalize_newline", "numa", "low_vram", "f16_kv", "vocab_only", "logits_all"]
const MIROSTAT: readonly SamplingKey[] = ["mirostat", "mirostatTau", "mirostatEta"]
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** Takes one line over into `read`. Throws `bad-request` with the line. */
export function readParameter({ key, value, line }: Instruction, read: ReadParameters): void {
  const name = key.toLowerCase()
  if (value === "" && name !== "")
    throw badLine(line, `PARAMETER ${name} has no value.`, `PARAMETER ${name} VALUE`)
  const sampling = SAMPLING_NAMES.get(name)
  if (sampling !== undefined) {
    readSampling(sampling, { name, value, line }, read)
    return
  }
  switch (name) {
    case "stop":
      readStop(value, line, read)
      return
    case CONTEXT_LENGTH_NAME: {
      const range = { least: LEAST_CONTEXT_LENGTH, most: GGUF_LIMITS.contextLength }
      read.contextLength = readWhole({ name, value, line }, range)
      return
    }
    case MAX_TOKENS_NAME: {
      const most = readWhole({ name, value, line }, { least: -2, most: 0x7fff_ffff })
      if (most >= 0) read.maxTokens = most
      else read.notices.push(`Line ${line}: num_predict ${most} means no bound, which nothing has to say.`)
      return
    }
    default:
      readForeign(name, line, read)
  }
}

interface NamedValue {
  readonly name: string
  readonly value: string
  readonly line: number
}

function readSampling(key: SamplingKey, { name, value, line }: NamedValue, read: ReadParameters): void {
  if (key === "seed" && /^-\d+$/.test(value)) {
    read.notices.push(`Line ${line}: seed ${value} means another answer each time, which nothing has to say.`)
    return
  }
  if (key === "mirostat" && value === "1") {
    read.notices.push(`Line ${line}: mirostat 1 is left aside; only version 2 is left of it.`)
    return
  }
  if (MIROSTAT.includes(key))
    read.notices.push(
      `Line ${line}: ${name} is an old way of sampling; it is kept, as the model asks for it.`,
    )
  const before = read.sampling[key]
  const given =
    key === "drySequenceBreakers" ? [...(Array.isArray(before) ? before : []), value] : parse(value)
  if (!SamplingOptions.safeParse({ [key]: given }).success)
    throw badLine(line, `PARAMETER ${name} cannot be ${shown(value)}.`, `${name} takes ${acceptedBy(key)}.`)
  if (before !== undefined && !Array.isArray(given))
    read.notices.push(`Line ${line}: ${name} is given again; the last one counts.`)
  read.sampling[key] = given
}

/** Numbers as numbers, an object as JSON; the schema judges the rest. */
function parse(value: string): unknown {
  if (NUMBER.test(value)) return Number(value)
  if (!value.startsWith("{")) return value
  try {
    return JSON.parse(value)
  } catch {
    // No JSON is no object: the schema refuses the text, and the message shows it.
    return value
  }
}

/** In words, out of the schema itself. */
function acceptedBy(key: SamplingKey): string {
  const field = SamplingOptions.shape[key].unwrap()
  if (field instanceof z.ZodNumber)
    return `a ${field.isInt ? "whole " : ""}number from ${field.minValue} to ${field.maxValue}`
  if (key === "mirostat") return "0 or 2"
  if (key === "logitBias") return 'token ids with addends from -100 to 100: {"42": -5}'
  return "a text of 1 to 64 characters, at most 64 times"
}

function readStop(value: string, line: number, read: ReadParameters): void {
  if (Buffer.byteLength(value) > REQUEST_LIMITS.stopStringBytes)
    throw badLine(
      line,
      `PARAMETER stop has ${Buffer.byteLength(value)} bytes.`,
      `A stop text has at most ${REQUEST_LIMITS.stopStringBytes} bytes.`,
    )
  if (read.stop.includes(value)) return
  if (read.stop.length >= REQUEST_LIMITS.stopStrings)
    throw badLine(
      line,
      "there are too many PARAMETER stop.",
      `A model has at most ${REQUEST_LIMITS.stopStrings}.`,
    )
  read.stop.push(value)
}

function readWhole(
  { name, value, line }: NamedValue,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const number = NUMBER.test(value) ? Number(value) : Number.NaN
  if (Number.isSafeInteger(number) && number >= least && number <= most) return number
  throw badLine(
    line,
    `PARAMETER ${name} cannot be ${shown(value)}.`,
    `${name} takes a whole number from ${least} to ${most}.`,
  )
}

function readForeign(name: string, line: number, read: ReadParameters): void {
  if (RUNNER.includes(name)) {
    read.notices.push(
      `Line ${line}: ${name} is left aside: how a model is loaded is planned for each machine.`,
    )
    return
  }
  if (OLD.includes(name)) {
    read.notices.push(`Line ${line}: ${name} is left aside: nothing reads it any more.`)
    return
  }
  const known = [...SAMPLING_NAMES.keys(), "stop", CONTEXT_LENGTH_NAME, MAX_TOKENS_NAME]
  const close = closestName(name, [...known, ...RUNNER, ...OLD])
  throw badLine(
    line,
    name === "" ? "PARAMETER names nothing." : `there is no parameter ${shown(name)}.`,
    close === undefined ? `There are: ${known.join(", ")}.` : `Did you mean ${close}?`,
  )
}
