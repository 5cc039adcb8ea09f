// Who asks, as authentication found out.
import { LOCAL_OWNER } from "@fireside/app"
import { AppError, type KeySummary, type Scope } from "@fireside/protocol"

export interface Caller {
  /** A key's id, or `LOCAL_OWNER`. */
  readonly owner: string
  readonly scopes: readonly Scope[]
  /** Undefined for the owner of the machine. */
  readonly key: KeySummary | undefined
}

/** The owner of the machine: loopback without a key, or the terminal with the server's own token. */
export const OWNER: Caller = Object.freeze({
  owner: LOCAL_OWNER,
  scopes: ["chat", "embed", "models", "admin"],
  key: undefined,
} satisfies Caller)

/** `admin` includes the other scopes. */
export function mayUse(caller: Caller, scope: Scope): boolean {
  return caller.scopes.includes(scope) || caller.scopes.includes("admin")
}

export const hasModelList = (caller: Caller): boolean => (caller.key?.models ?? null) !== null

/** A key with a list of models may use those and no others: an alias of one is another name, and not on the list. */
export function mayUseModel(caller: Caller, reference: string): boolean {
  const allowed = caller.key?.models ?? null
  return allowed === null || allowed.some((name) => plain(name) === plain(reference))
}

/**
 * Throws `forbidden` for a model that is not on the list of the caller's key. A key names models, not files of this machine: a path is
 * `bad-request` unless the list has it or the key is an admin's.
 */
export function requireModel(caller: Caller, reference: string): void {
  if (!mayUseModel(caller, reference))
    throw new AppError("forbidden", {
      message: `This key may not use ${reference.slice(0, 200)}.`,
      hint: `It may use: ${caller.key?.models?.join(", ") ?? "nothing"}.`,
    })
  if (caller.key === undefined || caller.key.models !== null || mayUse(caller, "admin")) return
  if (namesFile(reference))
    throw new AppError("bad-request", {
      message: "`model` is a path, and a key names models of the library only.",
      hint: "GET /v1/models lists what there is.",
      details: { field: "model" },
    })
}

const plain = (reference: string): string => reference.toLowerCase().replace(/:latest$/, "")

/** Whatever the library might read as a path, in any part of `base+adapter`; too much rather than too little. */
export function namesFile(reference: string): boolean {
  return reference
    .trim()
    .split("+")
    .some(
      (part) => /^(?:[/\\~.]|[a-z]:[/\\])/i.test(part) || (/\.gguf$/i.test(part) && !NAMES_HUB.test(part)),
    )
}

const NAMES_HUB = /^(?:hf:|https?:|(?:hf\.co|huggingface\.co)\/)/i
