// `GET /api/tags` and `GET /api/ps`: what is stored, what is loaded.
import { createHash } from "node:crypto"
import { AppError, type ModelSummary } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { expiresAt } from "./timestamps.ts"

export interface WireDetails {
  readonly parent_model: string
  readonly format: string
  readonly family: string
  readonly families: readonly string[]
  readonly parameter_size: string
  readonly quantization_level: string
}

type Described = Pick<ModelSummary, "format" | "architecture" | "parameters" | "quantization">

export function encodeDetails(model: Described): WireDetails {
  return {
    parent_model: "",
    format: model.format,
    family: model.architecture,
    families: [model.architecture],
    parameter_size: model.parameters,
    quantization_level: model.quantization,
  }
}

/** 64 hex digits, which clients cut without asking. A file that was never hashed gets those of its name and size. */
function encodeDigest({
  digest,
  name,
  sizeBytes,
}: {
  digest: string
  name: string
  sizeBytes: number
}): string {
  const hex = digest.replace(/^sha256[:-]/, "")
  return hex === "" ? createHash("sha256").update(`${name}\n${sizeBytes}`).digest("hex") : hex
}

async function tags(exchange: Exchange): Promise<Reply> {
  // What is broken is told by `fireside list`; a client would only try it.
  const models = (await exchange.app.models.list()).filter(({ problem }) => problem === undefined)
  const capabilities = await Promise.all(models.map(({ name }) => capabilitiesOf(exchange, name)))
  return {
    type: "json",
    body: {
      models: models.map((model, at) => ({
        name: model.name,
        model: model.name,
        modified_at: model.modifiedAt,
        size: model.sizeBytes,
        digest: encodeDigest(model),
        details: encodeDetails(model),
        capabilities: capabilities[at],
      })),
    },
  }
}

/** None for a model whose file cannot be read any more: one of them must not hide the others. */
async function capabilitiesOf({ app }: Exchange, name: string): Promise<readonly string[]> {
  try {
    return (await app.models.show(name)).capabilities
  } catch (error) {
    if (error instanceof AppError) return []
    throw error
  }
}

const UNKNOWN: Described = { format: "gguf", architecture: "", parameters: "", quantization: "" }

async function ps({ app }: Exchange): Promise<Reply> {
  const [running, stored] = await Promise.all([app.models.running(), app.models.list()])
  const models = running.map((model) => ({
    name: model.name,
    model: model.name,
    size: model.memoryBytes ?? model.sizeBytes,
    digest: encodeDigest(model),
    details: encodeDetails(stored.find(({ name }) => name === model.name) ?? UNKNOWN),
    expires_at: expiresAt(model.expiresAt),
    // Models run on the processor, in main memory.
    size_vram: 0,
    context_length: model.contextLength,
  }))
  return { type: "json", body: { models } }
}

export const listRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/tags",
    dialect: "ollama",
    access: "any",
    summary: "The models of the library.",
    handle: tags,
  },
  {
    method: "HEAD",
    path: "/api/tags",
    dialect: "ollama",
    access: "any",
    summary: "Is an Ollama server there, and may this key ask it?",
    handle: async () => ({ type: "empty", status: 200 }),
  },
  {
    method: "GET",
    path: "/api/ps",
    dialect: "ollama",
    access: "any",
    summary: "The models that are loaded.",
    handle: ps,
  },
]
