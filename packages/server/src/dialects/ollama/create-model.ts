// `POST /api/create`: a model out of another one or of uploaded files, as fields or, as older clients say it, as the text of a Modelfile.
import type { CreateRequest } from "@fireside/app"
import { AppError, MODELFILE_LIMITS, z } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { badField } from "../refuse.ts"
import { readBody } from "./answer-fields.ts"
import { blobDigest } from "./change-models.ts"
import { readMessages, WireMessage } from "./messages.ts"
import { MODEL_FIELDS, modelOf, refusePath } from "./model-field.ts"
import { ModelOptions, readOptions } from "./model-options.ts"
import { replyWithJob } from "./reply-with-job.ts"

/** File name → digest of an uploaded blob. */
const Files = z.record(z.string(), z.string())

const CreateBody = z.object({
  ...MODEL_FIELDS,
  /** A model to begin with; in its place `files`. */
  from: z.string().optional(),
  files: Files.optional(),
  adapters: Files.optional(),
  /** In Jinja. */
  template: z.string().optional(),
  license: z.union([z.string(), z.array(z.string())]).optional(),
  system: z.string().optional(),
  parameters: ModelOptions.optional(),
  messages: z.array(WireMessage).max(MODELFILE_LIMITS.messages).optional(),
  /** Refused, as `quantize`. */
  quantization: z.string().optional(),
  quantize: z.string().optional(),
  /** Everything at once, in place of the fields above. */
  modelfile: z.string().max(MODELFILE_LIMITS.bytes).optional(),
  /** Refused: a path of the server. */
  path: z.string().optional(),
  /** Defaults to true. */
  stream: z.boolean().optional(),
})
type CreateBody = z.output<typeof CreateBody>

interface Decoded {
  readonly request: CreateRequest
  readonly ignored: readonly string[]
}

async function create(exchange: Exchange): Promise<Reply> {
  const { value, ignored } = readBody(CreateBody, exchange.body)
  refuseNamed(value)
  const name = modelOf(value)
  const decoded = isFilled(value.modelfile)
    ? await readModelfile(exchange, name, value.modelfile)
    : readFields(name, value)
  const { request } = decoded
  return replyWithJob(exchange, {
    request: { type: "create", create: request },
    stream: value.stream ?? true,
    ignored: [...ignored, ...decoded.ignored],
  })
}

const isFilled = (text: string | undefined): text is string => text !== undefined && text !== ""

/** Throws `unsupported` for what there is no way to do. */
function refuseNamed({ quantize, quantization, path }: CreateBody): void {
  if (isFilled(quantize) || isFilled(quantization))
    throw new AppError("unsupported", {
      message: `\`${isFilled(quantize) ? "quantize" : "quantization"}\`: models are not quantised here.`,
      hint: "Pull the quantisation that you want, for example hf:owner/repo:Q4_K_M.",
      details: { field: isFilled(quantize) ? "quantize" : "quantization" },
    })
  if (isFilled(path)) refusePath(`/${path}`, "path")
}

/** Older clients. What the text says that cannot be kept is listed as `modelfile`. */
async function readModelfile({ app }: Exchange, name: string, text: string): Promise<Decoded> {
  const { request, notices } = await app.models.parseModelfile(text, { name })
  return { request, ignored: notices.length === 0 ? [] : ["modelfile"] }
}

function readFields(name: string, value: CreateBody): Decoded {
  const { generation, ignored } = readOptions(value.parameters)
  const licences = [value.license ?? []].flat().filter(isFilled)
  const adapters = Object.entries(value.adapters ?? {}).map(([file, digest]) =>
    blobReference(digest, `adapters.${file}`),
  )
  const messages = readMessages(value.messages ?? [])
  return {
    request: {
      name,
      from: readFrom(value),
      ...(isFilled(value.template) ? { template: value.template } : {}),
      ...(isFilled(value.system) ? { system: value.system } : {}),
      ...generation,
      ...(messages.length === 0 ? {} : { messages }),
      ...(licences.length === 0 ? {} : { licences }),
      ...(adapters.length === 0 ? {} : { adapters }),
    },
    ignored: ignored.map((option) => `parameters.${option}`),
  }
}

function readFrom({ from, files }: CreateBody): string {
  const entries = Object.entries(files ?? {})
  if (isFilled(from) && entries.length > 0)
    throw badField("files", "a model begins with `from` or with `files`, not with both")
  if (isFilled(from)) {
    refusePath(from, "from")
    return from
  }
  const [entry] = entries
  if (entry === undefined) throw badField("from", "neither `from`, `files` nor `modelfile` is given")
  const [file, digest] = entry
  if (entries.length > 1)
    throw new AppError("unsupported", {
      message: `\`files\` has ${entries.length} files; a model is made of one GGUF file.`,
      hint: "Join the parts of a split model first, or convert other formats to GGUF.",
      details: { field: "files" },
    })
  if (!/\.gguf$/i.test(file))
    throw new AppError("unsupported", {
      message: "`files` names a file that is no GGUF file: other formats are not converted here.",
      hint: "Its name must end in .gguf.",
      details: { field: "files" },
    })
  return blobReference(digest, "files")
}

function blobReference(digest: string, field: string): string {
  return `blob:sha256-${blobDigest(digest, field).slice("sha256:".length)}`
}

export const createRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/create",
    dialect: "ollama",
    access: "models",
    summary: "Makes a model out of another one, or out of an uploaded file.",
    body: { type: "json", schema: CreateBody },
    handle: create,
  },
]
