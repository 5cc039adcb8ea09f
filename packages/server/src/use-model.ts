// May this key use this model? Asked by every route before it hands a reference to the app.
import { AppError, type ModelSummary } from "@fireside/protocol"
import { requireModel } from "./caller.ts"
import type { Exchange } from "./route.ts"

/**
 * Nothing happens for callers without a model list. Otherwise the reference is looked up, and allowed when it, its own name, or the weights behind
 * it are those of a model on the list: so an alias of a forbidden model is forbidden, an alias of an allowed one is not. Throws `forbidden`, and
 * what looking up throws for a reference that is on the list.
 */
export async function useModel(exchange: Pick<Exchange, "app" | "caller">, reference: string): Promise<void> {
  const { app, caller } = exchange
  const allowed = caller.key?.models ?? null
  if (allowed === null || allowed.includes(reference)) return
  const wanted = await lookUp(app.models, reference)
  // What there is not is as forbidden as what is not on the list: a key must not find out which models there are.
  if (wanted === undefined) return requireModel(caller, [reference])
  for (const name of allowed) {
    const other = await lookUp(app.models, name)
    if (other !== undefined && other.identity === wanted.identity) return
  }
  requireModel(caller, [reference, wanted.name])
}

/** Of the models that there are, those that the caller may use: what listings show it. */
export async function usableModels(
  exchange: Pick<Exchange, "app" | "caller">,
  summaries: readonly ModelSummary[],
): Promise<readonly ModelSummary[]> {
  const allowed = exchange.caller.key?.models ?? null
  if (allowed === null) return summaries
  const found = await Promise.all(allowed.map((name) => lookUp(exchange.app.models, name)))
  const identities = new Set(found.map((model) => model?.identity))
  return summaries.filter((it) => allowed.includes(it.name) || identities.has(identityOf(it)))
}

async function lookUp(
  models: Exchange["app"]["models"],
  reference: string,
): Promise<{ name: string; identity: string } | undefined> {
  try {
    const details = await models.show(reference)
    return { name: details.name, identity: identityOf(details) }
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** The weights; files that were never hashed are known by their path. */
function identityOf({ digest, path }: Pick<ModelSummary, "digest" | "path">): string {
  return digest === "" ? path : digest
}
