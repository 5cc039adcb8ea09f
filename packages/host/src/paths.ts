// Where things are in the data folder, and the one function that joins a name from outside to a root.
import { lstatSync, realpathSync } from "node:fs"
import { isAbsolute, join, relative, resolve, sep } from "node:path"
import { AppError } from "@fireside/protocol"
import { isAbsent, systemCode } from "./write-error.ts"

export interface Paths {
  readonly home: string
  readonly database: string
  readonly blobs: string
  readonly manifests: string
  /** Manifests of models that were removed a short while ago. */
  readonly removed: string
  readonly downloads: string
  readonly adapters: string
  readonly cache: string
  /** Computed prefixes: the only folder that an engine's process may write to. */
  readonly prefixes: string
  readonly run: string
  readonly logs: string
  readonly backups: string
}

/** The layout of a data folder. Makes nothing. */
export function layoutOf(home: string): Paths {
  return {
    home,
    database: join(home, "fireside.db"),
    blobs: join(home, "models", "blobs"),
    manifests: join(home, "models", "manifests"),
    removed: join(home, "models", "removed"),
    downloads: join(home, "models", "downloads"),
    adapters: join(home, "adapters"),
    cache: join(home, "cache"),
    prefixes: join(home, "cache", "kv"),
    run: join(home, "run"),
    logs: join(home, "logs"),
    backups: join(home, "backups"),
  }
}

/** File systems refuse longer names; counted in bytes of UTF-8. */
const LONGEST_SEGMENT_BYTES = 255
/** Windows gives these names to devices, with or without an extension, in every folder. */
const DEVICE_NAME = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i

/**
 * The absolute path of `name` below `root`: the only way a name from outside becomes a path.
 * `name` is one segment or several joined by `/`. Neither needs to exist, but whatever exists of the path stays below `root` after
 * symbolic links are followed. Throws `bad-request` for everything else.
 */
export function resolveInside(root: string, name: string): string {
  const problem = problemOfName(name)
  if (problem !== undefined) throw refusedName(name, problem)
  const path = join(resolve(root), ...name.split("/"))
  const realRoot = realPathOf(resolve(root))
  if (!isBelow(realRoot, realPathOf(path))) throw refusedName(name, "it leads out of its folder")
  return path
}

function problemOfName(name: string): string | undefined {
  if (name === "") return "it is empty"
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return "it has a control character"
  if (!name.isWellFormed()) return "it is not valid Unicode"
  if (/[\\:]/.test(name)) return "it has a backslash or a colon"
  for (const segment of name.split("/")) {
    if (segment === "") return "it is absolute or has an empty part"
    if (segment === "." || segment === "..") return "it has a `.` or `..` part"
    if (/[. ]$/.test(segment)) return "a part ends in a dot or a space"
    if (DEVICE_NAME.test(segment)) return "a part is a device name on Windows"
    if (Buffer.byteLength(segment) > LONGEST_SEGMENT_BYTES)
      return `a part is longer than ${LONGEST_SEGMENT_BYTES} bytes`
  }
  return undefined
}

/** The real path of what exists of `path`, with the rest added. A dangling link counts as leading to its target. */
function realPathOf(path: string): string {
  const missing: string[] = []
  let existing = path
  for (;;) {
    try {
      return join(realpathSync(existing), ...missing)
    } catch (error) {
      if (systemCode(error) === "ELOOP") throw refusedName(existing, "its links lead in a circle")
      if (!isAbsent(error)) throw error
      if (isDanglingLink(existing)) throw refusedName(existing, "it is a link to nothing")
    }
    const parent = resolve(existing, "..")
    if (parent === existing) return path
    missing.unshift(relative(parent, existing))
    existing = parent
  }
}

function isDanglingLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function refusedName(name: string, problem: string): AppError {
  const shown = JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name)
  return new AppError("bad-request", {
    message: `The name ${shown} cannot be used: ${problem}.`,
    hint: "Use letters, digits, dots, dashes and underscores.",
  })
}
