// Looking for models: the catalogue always, the hub when it was asked for.
import { searchCatalogue } from "./catalogue.ts"
import { asArray, asRecord, asText } from "./json-fields.ts"
import type { CatalogueEntry } from "./library.ts"
import type { LibraryWorld } from "./library-world.ts"
import { type Licence, licenceOf, UNKNOWN_LICENCE } from "./licence.ts"
import { formatReference, parseReference } from "./reference.ts"
import { DEFAULT_HUB, openHub } from "./sources/hub.ts"

const MOST_RESULTS = 20

export async function searchModels(
  query: string,
  { remote }: { readonly remote: boolean },
  world: LibraryWorld,
  signal: AbortSignal,
): Promise<readonly CatalogueEntry[]> {
  const known = searchCatalogue(world.catalogue, query)
  if (!remote) return known
  const purpose = { reason: `search models: ${query}`, feature: "search", contentClass: "model-id" } as const
  const hub = openHub(world.config.hub, world.sources)
  const parameters = new URLSearchParams({
    search: query,
    filter: "gguf",
    sort: "downloads",
    direction: "-1",
    limit: String(MOST_RESULTS),
  })
  const answer = await hub.get(`/api/models?${parameters}`, "The hub's list of models", purpose, signal)
  const endpoint = world.config.hub.endpoint ?? DEFAULT_HUB
  const found = (asArray(answer) ?? []).map((item) => readResult(item, endpoint))
  return [...known, ...found.filter((entry) => entry !== undefined).slice(0, MOST_RESULTS)]
}

function readResult(value: unknown, endpoint: string): CatalogueEntry | undefined {
  const item = asRecord(value)
  const id = asText(item?.id) ?? asText(item?.modelId)
  if (item === undefined || id === undefined) return undefined
  let name: string
  try {
    name = formatReference(parseReference(`hf:${id}`))
  } catch {
    // A repository whose name we could not pull is no use to the user.
    return undefined
  }
  const tags = (asArray(item.tags) ?? []).map(asText).filter((tag) => tag !== undefined)
  const licence = tags.find((tag) => tag.startsWith("license:"))?.slice("license:".length)
  const size = /(?<![\d.])(\d+(?:\.\d+)?)\s*([BM])(?![A-Za-z])/i.exec(id)
  const unit = size?.[2]?.toUpperCase() === "M" ? 1e6 : 1e9
  return {
    name,
    title: id,
    licence:
      licence === undefined
        ? withUrl(UNKNOWN_LICENCE, `${endpoint}/${id}`)
        : withUrl(licenceOf(licence), `${endpoint}/${id}`),
    // Only what the name says: the hub's list does not hold it.
    parameters: size === null ? 0 : Math.round(Number(size[1]) * unit),
    contextLength: 0,
    languages: tags.filter((tag) => /^[a-z]{2}$/.test(tag)),
    goodFor: "",
    capabilities:
      tags.includes("sentence-similarity") || tags.includes("feature-extraction")
        ? ["embedding"]
        : ["completion"],
    approximateSizeBytes: 0,
    sources: [name],
  }
}

function withUrl(licence: Licence, url: string): CatalogueEntry["licence"] {
  return { ...licence, url: licence.url ?? url }
}
