// The package.json of what is published: the native packages as exact dependencies, everything else is in the bundle.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { ENGINE_PACKAGES } from "../setup/platform.mjs"

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly description?: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface NativeDependencies {
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

/** Binaries beside their JavaScript: a bundle cannot carry them. */
const NATIVE = ["better-sqlite3", "koffi", "sqlite-vec"]

/** What the packages of this repository need at run time and cannot be bundled, with the versions they pin. */
export function nativeDependencies(root: string): NativeDependencies {
  const manifests = readdirSync(join(root, "packages")).map((name) => read(join(root, "packages", name)))
  const all = Object.assign({}, ...manifests.map(({ dependencies }) => dependencies)) as Record<
    string,
    string
  >
  const pinned = Object.entries(all).filter(([name]) => NATIVE.includes(name))
  const engines = manifests.flatMap(({ optionalDependencies }) => Object.entries(optionalDependencies ?? {}))
  const version = engines.find(([name]) => name.startsWith("@node-llama-cpp/"))?.[1]
  if (version === undefined) throw new Error("no package pins @node-llama-cpp/*")
  // Also those that some registry lacks: npm leaves an optional package out that it cannot find.
  const platforms = Object.values(ENGINE_PACKAGES).map((name) => [name, version])
  return {
    dependencies: Object.fromEntries(pinned),
    optionalDependencies: Object.fromEntries([...engines, ...platforms]),
  }
}

export function createManifest(root: string, native: NativeDependencies): object {
  const house = read(root)
  return {
    name: "fireside",
    version: house.version,
    description: house.description,
    license: house.license,
    type: "module",
    bin: { fireside: "fireside.js" },
    // The launcher brings a newer Node for the program itself.
    engines: { node: ">=18" },
    dependencies: native.dependencies,
    optionalDependencies: { ...native.optionalDependencies, ...house.optionalDependencies },
  }
}

function read(folder: string): Manifest {
  // npm's own files; a field that is missing is undefined in the type too.
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest
}
