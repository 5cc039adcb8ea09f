// Finds the files of the house that the rules read.
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { NETWORK_GLOBALS } from "./arrows.ts"
import { readSource, type SourceFacts } from "./read-source.ts"
import type { PackageJson } from "./rules.ts"

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const SOURCE = /\.(ts|tsx|mts|mjs|js|cjs)$/
const NOT_OURS = new Set(["node_modules", "dist", "coverage"])

/** Every source file below the folders, as paths from the root with `/`. */
export function sourceFiles(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"))
      .filter((path) => !path.split("/").some((part) => NOT_OURS.has(part))),
  )
}

export function packageFolders(): string[] {
  return readdirSync(join(ROOT, "packages"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8")
}

export function readFacts(path: string): SourceFacts {
  return readSource(path, readText(path), NETWORK_GLOBALS)
}

export function readManifest(owner: string): PackageJson {
  // Ours, and the rules name every field that is missing.
  return JSON.parse(readText(`packages/${owner}/package.json`)) as PackageJson
}
