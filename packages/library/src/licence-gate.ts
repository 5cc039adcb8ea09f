// Asking before a download whether its licence was accepted. Permissive licences need no asking; others are accepted once a model.
import type { Database } from "@fireside/host"
import { AppError } from "@fireside/protocol"
import type { Licence } from "./licence.ts"

export interface LicenceStore {
  isAccepted(model: string, licence: Licence): Promise<boolean>
  accept(model: string, licence: Licence): Promise<void>
}

export function createLicenceStore(openDatabase: () => Promise<Database>, now: () => number): LicenceStore {
  return {
    async isAccepted(model, { name }) {
      const database = await openDatabase()
      const sql = "SELECT 1 AS found FROM accepted_licence WHERE model = ? AND licence = ?"
      return database.get<{ found: number }>(sql, model, name) !== undefined
    },
    async accept(model, { name, url = "" }) {
      const database = await openDatabase()
      database.run(
        "INSERT OR REPLACE INTO accepted_licence (model, licence, url, accepted_at) VALUES (?, ?, ?, ?)",
        model,
        name,
        url,
        new Date(now()).toISOString(),
      )
    },
  }
}

/** Throws `licence-not-accepted` when it must be accepted and is not. */
export async function requireLicence(
  model: string,
  licence: Licence,
  { store, accept }: { readonly store: LicenceStore; readonly accept: boolean },
): Promise<void> {
  if (licence.permissive) return
  if (accept) return await store.accept(model, licence)
  if (await store.isAccepted(model, licence)) return
  const unknown = licence.name === "unknown"
  const where = licence.url === undefined ? "" : ` (${licence.url})`
  throw new AppError("licence-not-accepted", {
    message: unknown
      ? `${model} does not say under which licence it comes${where}.`
      : `${model} comes under the ${licence.name}${where}, which is not a permissive open-source licence.`,
    hint: `Read it, and if you agree: fireside pull ${model} --accept-licence`,
    details: { model, licence: licence.name, ...(licence.url === undefined ? {} : { url: licence.url }) },
  })
}
