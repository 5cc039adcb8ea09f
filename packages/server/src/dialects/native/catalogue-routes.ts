// Models that can be had: what suits this machine in the first minutes, and looking for others. Getting one is a job.
import { CatalogueMatch, CatalogueQuery, NATIVE_PATH, Welcome, z } from "@fireside/protocol"
import type { Route } from "../../route.ts"
import { readFields } from "../read-fields.ts"

export const catalogueRoutes: readonly Route[] = [
  {
    method: "GET",
    path: `${NATIVE_PATH}/welcome`,
    dialect: "native",
    access: "models",
    summary: "The machine, and the models that would suit it.",
    response: Welcome,
    async handle({ app, signal }) {
      return { type: "json", body: await app.firstRun(signal) }
    },
  },
  {
    method: "GET",
    path: `${NATIVE_PATH}/catalogue`,
    dialect: "native",
    access: "models",
    summary: "Search the catalogue, and with `remote` the hub; each match says whether it fits.",
    query: CatalogueQuery,
    response: z.array(CatalogueMatch),
    async handle({ app, query, signal }) {
      const { query: words = "", remote } = readFields(CatalogueQuery, query).value
      const found = await app.models.search(words, { remote: remote === "true" }, signal)
      return { type: "json", body: found }
    },
  },
]
