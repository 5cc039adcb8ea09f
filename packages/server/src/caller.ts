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

/**
 * Throws `forbidden` when the key does not cover the model. `names` are all names of the resolved model, so that an alias of a forbidden model
 * is as forbidden as its own name.
 */
export function requireModel(caller: Caller, names: readonly string[]): void {
  const allowed = caller.key?.models ?? null
  if (allowed === null || names.some((name) => allowed.includes(name))) return
  throw new AppError("forbidden", {
    message: `This key may not use ${names[0] ?? "this model"}.`,
    hint: `It may use: ${allowed.join(", ")}.`,
  })
}
