// What we ship of third parties, read from the lock file: everything that the packages reach without development tools.
import { readText } from "./walk-house.ts"

export interface LockedPackage {
  readonly name: string
  readonly path: string
  readonly version: string
  readonly licence: string | undefined
  readonly hasInstallScript: boolean
  readonly development: boolean
}

interface LockEntry {
  readonly name?: string
  readonly version?: string
  readonly license?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}

/** Every third-party package of the lock file. */
export function lockedPackages(): LockedPackage[] {
  // npm's own format; a wrong one makes the tests that count its packages fail.
  const lock = JSON.parse(readText("package-lock.json")) as { packages: Record<string, LockEntry> }
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path.includes("node_modules/") && entry.link !== true)
    .map(([path, entry]) => ({
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      path,
      version: entry.version ?? "",
      licence: entry.license,
      hasInstallScript: entry.hasInstallScript === true,
      development: entry.dev === true,
    }))
}

/** Is an SPDX expression satisfied by the allowed licences? Understands `OR`, `AND` and brackets. */
export function isAllowedLicence(expression: string, allowed: readonly string[]): boolean {
  const text = expression.replace(/^\((.*)\)$/, "$1")
  if (/ OR /.test(text)) return text.split(" OR ").some((part) => isAllowedLicence(part.trim(), allowed))
  if (/ AND /.test(text)) return text.split(" AND ").every((part) => isAllowedLicence(part.trim(), allowed))
  return allowed.includes(text)
}
