// Everything that can be used by name: our manifests, then the stores of other programs. What is broken is listed with its problem.
import type { ModelSummary } from "@fireside/protocol"
import { listInPlace } from "./find-model.ts"
import type { LibraryWorld } from "./library-world.ts"
import type { ListedManifest } from "./manifest.ts"
import type { ModelFacts } from "./model-file.ts"
import { inPlaceSummary, summaryOf } from "./resolve-model.ts"
import type { InPlaceModel } from "./stores/in-place-model.ts"

const NO_FACTS: ModelFacts = {
  architecture: "",
  parameters: 0,
  quantization: "",
  contextLength: 0,
  licence: "",
}

export async function listModels(world: LibraryWorld): Promise<readonly ModelSummary[]> {
  const stored = await world.manifests.list()
  const own = await Promise.all(stored.map((item) => describeStored(item, world)))
  const elsewhere = await listInPlace(world)
  const names = new Set(own.map(({ name }) => name.toLowerCase()))
  // A name of ours hides the same name elsewhere, as it does when it is resolved.
  const visible = elsewhere.filter((model) => !names.has(model.name.toLowerCase()))
  const inPlace: ModelSummary[] = []
  for (const model of visible) inPlace.push(await describeInPlace(model, world))
  return [...own, ...inPlace].sort(
    (a, b) => Number(a.inPlace) - Number(b.inPlace) || a.name.localeCompare(b.name),
  )
}

async function describeStored(item: ListedManifest, world: LibraryWorld): Promise<ModelSummary> {
  const blob = item.manifest?.blobs.find(({ role }) => role === "weights") ?? item.manifest?.blobs[0]
  if (item.manifest === undefined || blob === undefined)
    return {
      name: item.name,
      digest: "",
      sizeBytes: 0,
      modifiedAt: "",
      format: "gguf",
      architecture: "",
      parameters: "",
      quantization: "",
      contextLength: 0,
      licence: "",
      inPlace: false,
      path: item.path,
      problem: item.problem ?? "its manifest has no files",
    }
  const summary = summaryOf(item.manifest, blob, world.blobs.path(blob.sha256))
  const problem = await world.blobs.problem(blob.sha256, blob.sizeBytes)
  return problem === undefined ? summary : { ...summary, problem }
}

async function describeInPlace(model: InPlaceModel, world: LibraryWorld): Promise<ModelSummary> {
  try {
    const facts = await world.headers.facts(model.path, { role: "weights", name: model.name })
    return inPlaceSummary(model, facts)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { ...inPlaceSummary(model, NO_FACTS), problem }
  }
}
