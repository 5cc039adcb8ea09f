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

/** The file in a fence that it cannot close itself. */
export function asAttachment(name: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = "`".repeat(longest + 1)
  return `${name}:\n${fence}\n${text.replace(/\n$/, "")}\n${fence}`
}
