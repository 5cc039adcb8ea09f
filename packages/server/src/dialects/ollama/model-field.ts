// How a body names a model: `model`, or `name` as older clients say.
import { AppError, z } from "@fireside/protocol"
import { badField } from "../refuse.ts"

export const MODEL_FIELDS = {
  model: z.string().optional(),
  /** The older name of `model`. */
  name: z.string().optional(),
}

/** Throws `bad-request` when the body names none. */
export function modelOf({ model, name }: { model?: string | undefined; name?: string | undefined }): string {
  const named = [model, name].find((text) => text !== undefined && text !== "")
  if (named === undefined) throw badField("model", "the name of a model is missing")
  return named
}

/**
 * Throws `bad-reference` for the path of a file: what a request may reach of the server's disk is what it uploaded as a blob.
 * `field` is where the path stands.
 */
export function refusePath(reference: string, field: string): void {
  if (!/^(?:[./~\\]|[A-Za-z]:[\\/]|file:|blob:)/i.test(reference.trim())) return
  throw new AppError("bad-reference", {
    message: `\`${field}\` is a path, and a request cannot name files of the server.`,
    hint: "Upload the file (POST /api/blobs/sha256:…) and name it in `files`, or use: fireside create, fireside import.",
    details: { field },
  })
}
