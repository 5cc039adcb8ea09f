// `show --modelfile`: the Modelfile that makes a model of the library again.
import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import { findStored } from "./find-model.ts"
import type { StoredModel } from "./library.ts"
import type { LibraryWorld } from "./library-world.ts"
import type { Manifest } from "./manifest.ts"
import { ownSettings } from "./model-settings.ts"
import { writeModelfile } from "./modelfile/write-modelfile.ts"
import { formatReference, parseReference } from "./reference.ts"
import { resolveModel } from "./resolve-model.ts"

/** Throws as `resolveModel`, and `unsupported` for texts that no Modelfile can hold. */
export async function modelfileOf(text: string, world: LibraryWorld): Promise<string> {
  const reference = parseReference(text)
  const model = await resolveModel(text, world)
  const settings = ownSettings(model)
  if (reference.type === "path") return writeModelfile({ from: resolve(reference.path), ...settings })
  const stored = reference.type === "adapted" ? undefined : await findStored(reference, world)
  // base+adapter says itself what it is made of, and a model in another program's store has nothing of ours.
  if (stored === undefined)
    return writeModelfile({
      from: reference.type === "adapted" ? formatReference(reference) : model.summary.name,
      ...settings,
    })
  const { manifest } = stored
  const of = (role: string): readonly string[] =>
    manifest.blobs.filter((blob) => blob.role === role).map(({ sha256 }) => sha256)
  const adapters = of("adapter").map((sha256) => `blob:sha256-${sha256}`)
  const licences = await Promise.all(
    of("licence").map((sha256) => readFile(world.blobs.path(sha256), "utf8")),
  )
  return writeModelfile({
    from: await fromOf(manifest, model, world),
    ...settings,
    ...(adapters.length === 0 ? {} : { adapters }),
    ...(licences.length === 0 ? {} : { licences }),
  })
}

/**
 * The model that it was made of, as long as that one is there with the same weights and sets nothing that this one does not;
 * otherwise the model itself.
 */
async function fromOf(manifest: Manifest, model: StoredModel, world: LibraryWorld): Promise<string> {
  if (manifest.base === undefined) return manifest.name
  const base = await resolveModel(manifest.base, world).catch(() => undefined)
  if (base === undefined || base.summary.digest !== model.summary.digest) return manifest.name
  const [own, under] = [ownSettings(model), ownSettings(base)]
  const covers =
    Object.keys(under).every((key) => key in own) &&
    Object.keys(under.sampling ?? {}).every((key) => key in (own.sampling ?? {})) &&
    (base.adapters ?? []).length <= (model.adapters ?? []).length
  return covers ? manifest.base : manifest.name
}
