// Copying, removing, uploading; and what there is no route for.
import { AppError, HTTP_LIMITS, z } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { ignoredHeader } from "../read-fields.ts"
import { badField } from "../refuse.ts"
import { readBody } from "./answer-fields.ts"
import { MODEL_FIELDS, modelOf, refusePath } from "./model-field.ts"

const CopyBody = z.object({ source: z.string().min(1), destination: z.string().min(1) })
const DeleteBody = z.object(MODEL_FIELDS)
const PushBody = z.object(MODEL_FIELDS)

async function copy(exchange: Exchange): Promise<Reply> {
  const { value, ignored } = readBody(CopyBody, exchange.body)
  refusePath(value.source, "source")
  refusePath(value.destination, "destination")
  await exchange.app.models.copy(value.source, value.destination)
  return { type: "empty", status: 200, headers: ignoredHeader(ignored) }
}

async function remove(exchange: Exchange): Promise<Reply> {
  const { value, ignored } = readBody(DeleteBody, exchange.body)
  const model = modelOf(value)
  refusePath(model, "model")
  await exchange.app.models.remove(model)
  return { type: "empty", status: 200, headers: ignoredHeader(ignored) }
}

/** `sha256:` and 64 hex digits; nothing else may become a file's name. Throws `bad-request`. */
export function blobDigest(text: string, field: string): string {
  const hex = /^sha256[:-]([0-9a-f]{64})$/.exec(text)?.[1]
  if (hex === undefined) throw badField(field, "a digest is sha256: and 64 lower-case hex digits")
  return `sha256:${hex}`
}

async function hasBlob({ app, params }: Exchange): Promise<Reply> {
  const there = await app.models.hasBlob(blobDigest(params.digest ?? "", "digest"))
  return { type: "empty", status: there ? 200 : 404 }
}

async function putBlob({ app, params, bytes, signal }: Exchange): Promise<Reply> {
  const digest = blobDigest(params.digest ?? "", "digest")
  try {
    await app.models.putBlob(digest, bytes, signal)
  } catch (error) {
    // For a download that is the other side's mistake; here it is the client's own.
    if (error instanceof AppError && error.code === "digest-mismatch")
      throw new AppError("bad-request", {
        message: error.message,
        details: { field: "digest" },
        cause: error,
      })
    throw error
  }
  return { type: "empty", status: 201 }
}

/** No way leads from a stored model to another machine: a model may hold what was read from elsewhere on this one. */
async function push(): Promise<Reply> {
  throw new AppError("unsupported", {
    message: "push is not there: Fireside uploads no models, to nobody.",
    hint: "Copy the file of the model where you want it: fireside show names it.",
  })
}

export const changeRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/copy",
    dialect: "ollama",
    access: "models",
    summary: "Gives a model a second name.",
    body: { type: "json", schema: CopyBody, limitBytes: HTTP_LIMITS.smallBodyBytes },
    handle: copy,
  },
  {
    method: "DELETE",
    path: "/api/delete",
    dialect: "ollama",
    access: "models",
    summary: "Removes a model.",
    body: { type: "json", schema: DeleteBody, limitBytes: HTTP_LIMITS.smallBodyBytes },
    handle: remove,
  },
  {
    method: "HEAD",
    path: "/api/blobs/:digest",
    dialect: "ollama",
    access: "models",
    summary: "Is a blob there?",
    handle: hasBlob,
  },
  {
    method: "POST",
    path: "/api/blobs/:digest",
    dialect: "ollama",
    access: "models",
    summary: "Uploads a file for a later create.",
    body: { type: "bytes", limitBytes: HTTP_LIMITS.blobBytes },
    handle: putBlob,
  },
  {
    method: "POST",
    path: "/api/push",
    dialect: "ollama",
    access: "models",
    summary: "Refused: models are not uploaded.",
    body: { type: "json", schema: PushBody, limitBytes: HTTP_LIMITS.smallBodyBytes },
    handle: push,
  },
]
