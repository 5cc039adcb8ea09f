// What a route asks before it hands a client's reference to the app.
import { AppError } from "@fireside/protocol"
import { mayUse, requireModel } from "./caller.ts"
import type { Exchange } from "./route.ts"

/**
 * Throws `forbidden` for a model that is not on the list of the caller's key. A key names models, not files: a path is `bad-request` unless the
 * list has it or the key is an admin's. The app of an exchange checks the list once more; here it is checked before anything is looked up.
 */
export async function useModel(
  { caller }: Pick<Exchange, "app" | "caller">,
  reference: string,
): Promise<void> {
  requireModel(caller, reference)
  if (caller.key === undefined || caller.key.models !== null || mayUse(caller, "admin")) return
  if (namesFile(reference))
    throw new AppError("bad-request", {
      message: "`model` is a path, and a key names models of the library only.",
      hint: "GET /v1/models lists what there is.",
      details: { field: "model" },
    })
}

/** Whatever the library might read as a path, in any part of `base+adapter`; too much rather than too little. */
function namesFile(reference: string): boolean {
  return reference
    .trim()
    .split("+")
    .some(
      (part) => /^(?:[/\\~.]|[a-z]:[/\\])/i.test(part) || (/\.gguf$/i.test(part) && !NAMES_HUB.test(part)),
    )
}

const NAMES_HUB = /^(?:hf:|https?:|(?:hf\.co|huggingface\.co)\/)/i
