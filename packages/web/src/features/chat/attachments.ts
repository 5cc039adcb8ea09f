// Text files beside a question. They become part of the message, so that the model sees what the user sees.

/** A longer file fits no small context; documents are for it. */
const LARGEST_BYTES = 512 * 1024

export type ReadAttachment =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "refused"; readonly reason: "tooLarge" | "notText" }

export async function readAttachment(file: Pick<Blob, "size" | "arrayBuffer">): Promise<ReadAttachment> {
  if (file.size > LARGEST_BYTES) return { type: "refused", reason: "tooLarge" }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer())
    if (text.includes("\0")) return { type: "refused", reason: "notText" }
    return { type: "text", text }
  } catch {
    return { type: "refused", reason: "notText" }
  }
}

export interface Attached {
  /** The message with the files that could be read. */
  readonly text: string
  /** The last one that could not. */
  readonly refused: { readonly name: string; readonly reason: "tooLarge" | "notText" } | undefined
}

export async function withAttachments(
  text: string,
  files: readonly Pick<File, "name" | "size" | "arrayBuffer">[],
): Promise<Attached> {
  let refused: Attached["refused"]
  const parts = text === "" ? [] : [text]
  for (const file of files) {
    const read = await readAttachment(file)
    if (read.type === "refused") refused = { name: file.name, reason: read.reason }
    else parts.push(asAttachment(file.name, read.text))
  }
  return { text: parts.join("\n\n"), refused }
}

/** The file in a fence that it cannot close itself. */
export function asAttachment(name: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = "`".repeat(longest + 1)
  return `${name}:\n${fence}\n${text.replace(/\n$/, "")}\n${fence}`
}
