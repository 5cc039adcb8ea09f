// What a manifest adds to a model besides its weights: template, system prompt, parameters, messages, licence text. The small files are
// those of Ollama's format, from our blobs or read in place.
import { readFile, stat } from "node:fs/promises"
import { DOWNLOAD_LIMITS, Message, SamplingOptions } from "@fireside/protocol"
import { asArray, asRecord, asText, parseJson } from "./json-fields.ts"
import type { StoredModel } from "./library.ts"
import type { BlobRole } from "./source.ts"

export type ModelSettings = Pick<
  StoredModel,
  "system" | "template" | "sampling" | "stop" | "messages" | "licenceText"
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
    // Ollama's templates are written in Go's language; the engine reads Jinja, and the file's own template says the same in it.
    if (role === "template" && !isGoTemplate(text)) settings.template = text
    if (role === "params") Object.assign(settings, readParameters(parseJson(text)))
    if (role === "messages") settings.messages = readMessages(parseJson(text))
  }
  if (licences.length > 0) settings.licenceText = licences.join("\n\n")
  return settings
}

/** Ollama's name → ours. Parameters of its runner (num_ctx, num_gpu, …) are not settings of a model to us. */
const PARAMETERS: Readonly<Record<string, string>> = {
  temperature: "temperature",
  top_k: "topK",
  top_p: "topP",
  min_p: "minP",
  typical_p: "typicalP",
  repeat_penalty: "repeatPenalty",
  repeat_last_n: "repeatLastN",
  presence_penalty: "presencePenalty",
  frequency_penalty: "frequencyPenalty",
  seed: "seed",
  mirostat: "mirostat",
  mirostat_tau: "mirostatTau",
  mirostat_eta: "mirostatEta",
}

/** Values that cannot be used are left out: the model's author mistook, and the default is better than no model. */
function readParameters(value: unknown): Pick<ModelSettings, "sampling" | "stop"> {
  const given = asRecord(value) ?? {}
  const sampling: Record<string, unknown> = {}
  for (const [name, ours] of Object.entries(PARAMETERS)) {
    if (given[name] === undefined) continue
    if (SamplingOptions.safeParse({ [ours]: given[name] }).success) sampling[ours] = given[name]
  }
  const stop = (asArray(given.stop) ?? [given.stop])
    .map(asText)
    .filter((text) => text !== undefined && text !== "")
  return {
    ...(Object.keys(sampling).length === 0 ? {} : { sampling: SamplingOptions.parse(sampling) }),
    ...(stop.length === 0 ? {} : { stop: stop.filter((text) => text !== undefined) }),
  }
}

function readMessages(value: unknown): readonly Message[] {
  return (asArray(value) ?? []).flatMap((item) => {
    const parsed = Message.safeParse(item)
    return parsed.success ? [parsed.data] : []
  })
}

function isGoTemplate(text: string): boolean {
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
