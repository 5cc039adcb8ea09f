// Stores that are folders of GGUF files: LM Studio (`<publisher>/<model>/*.gguf`), the hub's cache
// (`models--<owner>--<repo>/snapshots/<revision>/*.gguf`) and llama.cpp's cache (`*.gguf`).
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { groupModels, type NamedModel } from "../sources/gguf-names.ts"
import { fileInside, type InPlaceModel, namePart } from "./in-place-model.ts"

/** A cache with more files than this is listed in part. */
const MOST_FILES = 10_000

export async function listLmStudioStore(folder: string): Promise<readonly InPlaceModel[]> {
  const found: InPlaceModel[] = []
  for (const publisher of await folders(folder)) {
    for (const model of await folders(join(folder, publisher))) {
      const name = `${namePart(publisher)}/${namePart(model)}`
      found.push(
        ...(await readModels(folder, join(folder, publisher, model), ({ tag }) => [`${name}:${tag}`])),
      )
    }
  }
  return found
}

export async function listHubCache(folder: string): Promise<readonly InPlaceModel[]> {
  const found: InPlaceModel[] = []
  for (const entry of await folders(folder)) {
    const [owner, repo] = /^models--(.+?)--(.+)$/.exec(entry)?.slice(1) ?? []
    if (owner === undefined || repo === undefined) continue
    const name = `hf:${namePart(owner)}/${namePart(repo)}`
    for (const revision of await folders(join(folder, entry, "snapshots"))) {
      const models = await readModels(folder, join(folder, entry, "snapshots", revision), ({ tag, file }) => [
        `${name}:${tag}`,
        `${name}/${file}`,
      ])
      // Several revisions keep files of the same name; one is enough.
      found.push(...models.filter((model) => !found.some((other) => other.name === model.name)))
    }
  }
  return found
}

export function listLlamaCppCache(folder: string): Promise<readonly InPlaceModel[]> {
  return readModels(folder, folder, ({ stem, tag }) => {
    // `owner_repo_file`: where an underscore ends the owner is not certain, so the whole is the name.
    const name = namePart(stem)
    return [`llama.cpp/${name}:latest`, `llama.cpp/${name}:${tag}`]
  })
}

interface Naming {
  readonly stem: string
  /** Quantisation, or the stem where the name does not say it. */
  readonly tag: string
  readonly file: string
}

async function readModels(
  root: string,
  folder: string,
  namesOf: (naming: Naming) => readonly string[],
): Promise<readonly InPlaceModel[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && /\.gguf$/i.test(entry.name))
    .slice(0, MOST_FILES)
    .map((entry) => ({ name: entry.name, path: join(entry.parentPath, entry.name) }))
  const models = await Promise.all(groupModels(files).map((model) => readModel(root, model, namesOf)))
  return models.filter((model) => model !== undefined)
}

async function readModel(
  root: string,
  model: NamedModel<{ readonly name: string; readonly path: string }>,
  namesOf: (naming: Naming) => readonly string[],
): Promise<InPlaceModel | undefined> {
  const [first] = model.files
  const file = first === undefined ? undefined : await fileInside(root, first.path)
  if (first === undefined || file === undefined) return undefined
  const tag = namePart(model.quantization || model.stem)
  const [name = "", ...aliases] = namesOf({ stem: model.stem, tag, file: first.name })
  return { name, aliases, ...file, sha256: undefined, settings: [], stem: model.stem }
}

/** Folders inside a folder; none when there is no such folder. */
async function folders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}
