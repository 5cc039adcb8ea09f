// What a manifest adds to a model besides its weights: template, system prompt, parameters, messages, licence text. The small files are
// those of Ollama's format, from our blobs or read in place.
import { readFile, stat } from "node:fs/promises"
import { DOWNLOAD_LIMITS, GGUF_LIMITS, Message, SamplingOptions } from "@fireside/protocol"
import { asArray, asCount, asRecord, asText, parseJson } from "./json-fields.ts"
import type { StoredModel } from "./library.ts"
import {
  CONTEXT_LENGTH_NAME,
  LEAST_CONTEXT_LENGTH,
  MAX_TOKENS_NAME,
  parameterName,
  SAMPLING_NAMES,
} from "./parameter-names.ts"
import type { BlobRole } from "./source.ts"

export type ModelSettings = Pick<
  StoredModel,
  "system" | "template" | "sampling" | "stop" | "messages" | "contextLength" | "maxTokens" | "licenceText"
>

export interface SettingFile {
  readonly role: BlobRole
  readonly path: string
}

export async function readSettings(files: readonly SettingFile[]): Promise<ModelSettings> {
  const settings: { -readonly [Key in keyof ModelSettings]: ModelSettings[Key] } = {}
  const licences: string[] = []
  for (const { role, path } of files) {
    if (role === "weights" || role === "adapter" || role === "projector") continue
    const text = await readSmall(path)
    if (text === undefined) continue
    if (role === "licence") licences.push(text)
    if (role === "system") settings.system = text
    // The file's own template says the same in Jinja.
    if (role === "template" && !isGoTemplate(text)) settings.template = text
    if (role === "params") Object.assign(settings, readParameters(parseJson(text)))
    if (role === "messages") settings.messages = readMessages(parseJson(text))
  }
  if (licences.length > 0) settings.licenceText = licences.join("\n\n")
  return settings
}

/** What is set of a model, without the text of its licence. */
export function ownSettings(model: ModelSettings): Omit<ModelSettings, "licenceText"> {
  const { system, template, sampling, stop, messages, contextLength, maxTokens } = model
  return {
    ...(system === undefined ? {} : { system }),
    ...(template === undefined ? {} : { template }),
    ...(sampling === undefined ? {} : { sampling }),
    ...(stop === undefined ? {} : { stop }),
    ...(messages === undefined ? {} : { messages }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  }
}

/**
 * The `params` file that says these settings; the inverse of `readParameters`. Undefined when there is nothing to say.
 */
export function writeParameterFile(
  settings: Pick<ModelSettings, "sampling" | "stop" | "contextLength" | "maxTokens">,
): string | undefined {
  const { sampling = {}, stop = [], contextLength, maxTokens } = settings
  const parameters = {
    ...Object.fromEntries(Object.entries(sampling).map(([key, value]) => [parameterName(key), value])),
    ...(stop.length === 0 ? {} : { stop }),
    ...(contextLength === undefined ? {} : { [CONTEXT_LENGTH_NAME]: contextLength }),
    ...(maxTokens === undefined ? {} : { [MAX_TOKENS_NAME]: maxTokens }),
  }
  return Object.keys(parameters).length === 0 ? undefined : JSON.stringify(parameters)
}

/**
 * Parameters of Ollama's runner (num_gpu, num_batch, …) are not settings of a model to us. Values that cannot be used are left out:
 * the model's author mistook, and the default is better than no model.
 */
function readParameters(
  value: unknown,
): Pick<ModelSettings, "sampling" | "stop" | "contextLength" | "maxTokens"> {
  const given = asRecord(value) ?? {}
  const sampling: Record<string, unknown> = {}
  for (const [name, ours] of SAMPLING_NAMES) {
    if (given[name] === undefined) continue
    if (SamplingOptions.safeParse({ [ours]: given[name] }).success) sampling[ours] = given[name]
  }
  const stop = (asArray(given.stop) ?? [given.stop])
    .map(asText)
    .filter((text) => text !== undefined && text !== "")
  const contextLength = asCount(given[CONTEXT_LENGTH_NAME])
  const maxTokens = asCount(given[MAX_TOKENS_NAME])
  const fits =
    contextLength !== undefined &&
    contextLength >= LEAST_CONTEXT_LENGTH &&
    contextLength <= GGUF_LIMITS.contextLength
  return {
    ...(Object.keys(sampling).length === 0 ? {} : { sampling: SamplingOptions.parse(sampling) }),
    ...(stop.length === 0 ? {} : { stop: stop.filter((text) => text !== undefined) }),
    ...(fits ? { contextLength } : {}),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  }
}

function readMessages(value: unknown): readonly Message[] {
  return (asArray(value) ?? []).flatMap((item) => {
    const parsed = Message.safeParse(item)
    return parsed.success ? [parsed.data] : []
  })
}

/** Ollama's templates are written in Go's language; the engine reads Jinja. */
export function isGoTemplate(text: string): boolean {
  return (
    !text.includes("{%") &&
    /\{\{-?\s*(?:\.|if\b|range\b|with\b|end\b|template\b|define\b|\$|-?\s*\/\*)/.test(text)
  )
}

async function readSmall(path: string): Promise<string | undefined> {
  const facts = await stat(path)
  return facts.isFile() && facts.size <= DOWNLOAD_LIMITS.manifestBytes
    ? await readFile(path, "utf8")
    : undefined
}
