// Sampling parameters as flags and as `/set parameter`: one table, with the types taken from the schema of the request.
import { AppError, SAMPLING_DEFAULTS, SamplingOptions } from "@fireside/protocol"
import { type Command, InvalidArgumentError, Option } from "commander"

type Key = keyof SamplingOptions

interface Parameter {
  readonly value: string
  readonly summary: string
}

const PARAMETERS: Readonly<Record<Key, Parameter>> = {
  temperature: { value: "number", summary: "how freely to choose; 0 always takes the likeliest token" },
  temperatureRange: { value: "number", summary: "half-width of the dynamic temperature; 0 is off" },
  temperatureExponent: { value: "number", summary: "curve of the dynamic temperature" },
  topK: { value: "n", summary: "choose among the n likeliest tokens; 0 is off" },
  topP: { value: "share", summary: "choose among the likeliest that together have this probability" },
  minP: { value: "share", summary: "drop tokens less likely than this share of the likeliest" },
  typicalP: { value: "share", summary: "keep the locally typical tokens; 1 is off" },
  topNSigma: {
    value: "number",
    summary: "keep logits within n standard deviations of the best; negative is off",
  },
  xtcProbability: { value: "share", summary: "how often to drop the obvious tokens; 0 is off" },
  xtcThreshold: { value: "share", summary: "what counts as obvious" },
  repeatPenalty: { value: "number", summary: "divide the logits of repeated tokens; 1 is off" },
  repeatLastN: { value: "n", summary: "tokens looked back at for repeats; -1 is the whole context" },
  frequencyPenalty: { value: "number", summary: "lower a token for each time it occurred; -2 to 2" },
  presencePenalty: { value: "number", summary: "lower a token that occurred at all; -2 to 2" },
  dryMultiplier: { value: "number", summary: "strength against repeated phrases (DRY); 0 is off" },
  dryBase: { value: "number", summary: "growth of DRY with the length of the phrase" },
  dryAllowedLength: { value: "n", summary: "length of a phrase that DRY lets pass" },
  dryPenaltyLastN: { value: "n", summary: "tokens that DRY looks back at; -1 is the whole context" },
  drySequenceBreakers: { value: "text", summary: "text that ends a phrase for DRY; may be repeated" },
  mirostat: { value: "0|2", summary: "aim at a constant surprise (version 2); 0 is off" },
  mirostatTau: { value: "number", summary: "the surprise that mirostat aims at" },
  mirostatEta: { value: "number", summary: "how fast mirostat corrects" },
  seed: { value: "n", summary: "the same seed and request give the same answer" },
  logitBias: { value: "token=bias", summary: "add to the logit of a token id, -100 to 100; may be repeated" },
}

/** Names of other programs that people type. */
const SYNONYMS: Readonly<Record<string, Key>> = { temp: "temperature", repeatPenalty: "repeatPenalty" }

const KEYS = Object.keys(PARAMETERS) as Key[]

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Names for `/set parameter`, as in a Modelfile: `top_k`. */
export const SAMPLING_NAMES: readonly string[] = KEYS.map(snake)

export const samplingSummary = (name: string): string => {
  const key = findKey(name)
  return key === undefined ? "" : PARAMETERS[key].summary
}

/** Adds one flag for each parameter to a command. */
export function addSamplingFlags(command: Command): void {
  for (const key of KEYS) {
    const { value, summary } = PARAMETERS[key]
    const standard = key === "seed" ? undefined : SAMPLING_DEFAULTS[key]
    const shown = typeof standard === "number" ? ` (default: ${standard})` : ""
    const option = new Option(`--${kebab(key)} <${value}>`, `${summary}${shown}`).argParser(
      (text: string, previous: unknown) => {
        try {
          return parseParameter(key, text, previous)
        } catch (error) {
          throw new InvalidArgumentError(error instanceof AppError ? error.message : String(error))
        }
      },
    )
    command.addOption(option.helpGroup("Sampling:"))
  }
}

/** The sampling parameters among a command's parsed flags. */
export function samplingOf(flags: Readonly<Record<string, unknown>>): SamplingOptions {
  return Object.fromEntries(KEYS.filter((key) => flags[key] !== undefined).map((key) => [key, flags[key]]))
}

/** One parameter from its text, by any of its names. Throws `bad-request`. */
export function parseNamedParameter(name: string, text: string, previous: SamplingOptions): SamplingOptions {
  const key = findKey(name)
  if (key === undefined) {
    throw new AppError("bad-request", {
      message: `There is no parameter ${name}.`,
      hint: `Parameters: ${SAMPLING_NAMES.join(" ")}`,
    })
  }
  return { ...previous, [key]: parseParameter(key, text, undefined) }
}

function findKey(name: string): Key | undefined {
  const plain = name.toLowerCase().replace(/[-_]/g, "")
  return SYNONYMS[plain] ?? KEYS.find((key) => key.toLowerCase() === plain)
}

function parseParameter(key: Key, text: string, previous: unknown): unknown {
  const value = readValue(key, text, previous)
  const parsed = SamplingOptions.shape[key].safeParse(value)
  if (parsed.success) return parsed.data
  const problem = parsed.error.issues[0]?.message ?? "wrong value"
  throw new AppError("bad-request", {
    message: `${snake(key)} cannot be ${JSON.stringify(text)}: ${problem}.`,
  })
}

function readValue(key: Key, text: string, previous: unknown): unknown {
  if (key === "drySequenceBreakers") return [...((previous as string[] | undefined) ?? []), text]
  if (key !== "logitBias") return text.trim() === "" ? Number.NaN : Number(text)
  const [token = "", bias = ""] = text.split("=")
  return {
    ...(previous as Record<string, number> | undefined),
    [token.trim()]: bias.trim() === "" ? Number.NaN : Number(bias),
  }
}
