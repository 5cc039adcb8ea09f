// `POST /api/show`: everything about one model.
import type { ModelDetails } from "@fireside/app"
import { type SamplingOptions, z } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { ignoredHeader } from "../read-fields.ts"
import { readBody } from "./answer-fields.ts"
import { encodeDetails } from "./list-models.ts"
import { MODEL_FIELDS, modelOf } from "./model-field.ts"

const ShowBody = z.object({
  ...MODEL_FIELDS,
  /** Accepted: long lists (the vocabulary) are never sent. */
  verbose: z.boolean().optional(),
})

async function show(exchange: Exchange): Promise<Reply> {
  const { value, ignored } = readBody(ShowBody, exchange.body)
  const model = modelOf(value)
  const { models } = exchange.app
  const details = await models.show(model)
  const modelfile = await models.modelfile(model)
  return {
    type: "json",
    body: {
      license: details.licenceText === "" ? details.licence : details.licenceText,
      modelfile,
      parameters: encodeParameters(details),
      template: encodeTemplate(details),
      system: details.system,
      details: encodeDetails(details),
      model_info: encodeInfo(details),
      capabilities: details.capabilities,
      modified_at: details.modifiedAt,
    },
    headers: ignoredHeader(ignored),
  }
}

/** Clients find out by this word whether the model fills in the middle. A comment of Jinja, so that the template stays one. */
const FILLS_IN = "{#- .Suffix -#}"

function encodeTemplate({ template, capabilities }: ModelDetails): string {
  return capabilities.includes("insert") ? `${template}${FILLS_IN}` : template
}

/** Ours → Ollama's. What has no name there is left out. */
const PARAMETER_NAMES: Readonly<Partial<Record<keyof SamplingOptions, string>>> = {
  temperature: "temperature",
  topK: "top_k",
  topP: "top_p",
  minP: "min_p",
  typicalP: "typical_p",
  repeatPenalty: "repeat_penalty",
  repeatLastN: "repeat_last_n",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  seed: "seed",
  mirostat: "mirostat",
  mirostatTau: "mirostat_tau",
  mirostatEta: "mirostat_eta",
}

const NAME_WIDTH = 30

/** Lines of a name, blanks and a value, and nothing else: a client stops at a line that is not of this form. */
function encodeParameters({ sampling, stop, defaults }: ModelDetails): string {
  const named = Object.entries(sampling).flatMap(([key, value]) => {
    const name = PARAMETER_NAMES[key as keyof SamplingOptions]
    return name === undefined || value === undefined ? [] : [[name, String(value)] as const]
  })
  if (defaults.contextLength !== undefined) named.push(["num_ctx", String(defaults.contextLength)])
  if (defaults.maxTokens !== undefined) named.push(["num_predict", String(defaults.maxTokens)])
  const stops = stop.map((text) => ["stop", JSON.stringify(text)] as const)
  return [...named, ...stops].map(([name, value]) => `${name.padEnd(NAME_WIDTH)} ${value}`).join("\n")
}

/** The file's metadata; the template has a field of its own, and long lists are null. */
function encodeInfo({ metadata, architecture, contextLength }: ModelDetails): Record<string, unknown> {
  const info: Record<string, unknown> = { "general.architecture": architecture }
  for (const [key, value] of Object.entries(metadata)) {
    if (key === "tokenizer.chat_template") continue
    info[key] = typeof value === "object" && value !== null && !Array.isArray(value) ? null : value
  }
  info[`${architecture}.context_length`] ??= contextLength
  return info
}

export const showRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/show",
    dialect: "ollama",
    access: "any",
    summary: "Everything about a model: template, parameters, metadata, capabilities.",
    body: { type: "json", schema: ShowBody },
    handle: show,
  },
]
