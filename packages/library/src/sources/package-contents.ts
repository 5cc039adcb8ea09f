// What a package says of the weights in it: its files, their digests, and the packages that hold further parts. Pure reading of names
// and small texts; the conventions are those of `SHA256SUMS`, `Requires-Dist`, `package.json` and `RECORD`.
import { basename } from "node:path/posix"
import { asRecord, asText, parseJson } from "../json-fields.ts"

export interface PackageContents {
  /** Paths of the plain files in the archive. */
  readonly names: readonly string[]
  /** Path → text, of those that `isTelling` names. */
  readonly texts: ReadonlyMap<string, string>
}

export interface PartPackage {
  readonly name: string
  readonly version: string
}

/** A weights file whose numbered parts lie in packages of their own. */
export interface PartsPlan {
  readonly fileName: string
  /** 64 hex digits, published in the main package. */
  readonly sha256: string
  readonly packages: readonly PartPackage[]
}

export const TELLING_TEXT_BYTES = 4 * 1024 * 1024
/** A model of 64 GB in parts of 64 MB, the largest that package indexes take by default. */
const MOST_PARTS = 1_000
const PART_PACKAGE = /[-_.](?:part|chunk|shard)[-_.]?\d+$/i

/** The members whose text tells what is in the package. */
export function isTelling(name: string): boolean {
  return (
    /(?:^|\/)(?:SHA256SUMS(?:\.txt)?|[^/]+\.gguf\.sha256)$/i.test(name) ||
    /^[^/]+\.dist-info\/(?:METADATA|RECORD)$/.test(name) ||
    name === "package/package.json"
  )
}

export function isWeights(name: string): boolean {
  return /\.gguf$/i.test(name)
}

/** The number of a part: `x.gguf.part07` → 7. Undefined for other names. */
export function partNumber(name: string, fileName: string): number | undefined {
  const base = basename(name)
  if (!base.startsWith(`${fileName}.`)) return undefined
  const match = /^(?:part|chunk)?[-_.]?(\d{1,4})$/i.exec(base.slice(fileName.length + 1))
  return match === null ? undefined : Number(match[1])
}

/** File name → 64 hex digits, from every list of sums in the package. */
export function publishedSums(contents: PackageContents): ReadonlyMap<string, string> {
  const sums = new Map<string, string>()
  for (const [path, text] of contents.texts) {
    if (!/SHA256SUMS(?:\.txt)?$|\.sha256$/i.test(path)) continue
    for (const line of text.split("\n")) {
      const match = /^([0-9a-f]{64})(?:\s+\*?(\S.*?))?\s*$/.exec(line)
      if (match === null) continue
      const name = match[2] === undefined ? basename(path).replace(/\.sha256$/i, "") : basename(match[2])
      sums.set(name, match[1] ?? "")
    }
  }
  return sums
}

/** The digest that a wheel's RECORD gives a member, hex. */
export function recordedSum(contents: PackageContents, name: string): string | undefined {
  for (const [path, text] of contents.texts) {
    if (!path.endsWith(".dist-info/RECORD")) continue
    for (const line of text.split("\n")) {
      const match = /^"?(.*?)"?,sha256=([A-Za-z0-9_-]{43}),\d*\s*$/.exec(line)
      if (match?.[1] === name) return Buffer.from(match[2] ?? "", "base64url").toString("hex")
    }
  }
  return undefined
}

/** How the parts are to be found; in words, why not, where they cannot be. */
export function planParts(contents: PackageContents, mainPackage: string): PartsPlan | string {
  const sums = [...publishedSums(contents)].filter(([name]) => isWeights(name))
  const [first] = sums
  if (first === undefined) return "it holds neither a GGUF file nor the sum of one"
  if (sums.length > 1) return "it lists several GGUF files in parts"
  const packages = dependencies(contents).filter(
    ({ name }) => normalise(name).startsWith(`${normalise(mainPackage)}-`) && PART_PACKAGE.test(name),
  )
  if (packages.length > MOST_PARTS) return `it names more than ${MOST_PARTS} packages of parts`
  return { fileName: first[0], sha256: first[1], packages }
}

/** Names of packages compare so in both registries: PEP 503. */
function normalise(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-")
}

/** Dependencies on one exact version: nothing else is certain to be the part that was meant. */
function dependencies(contents: PackageContents): readonly PartPackage[] {
  const found: PartPackage[] = []
  for (const [path, text] of contents.texts) {
    if (path.endsWith(".dist-info/METADATA")) {
      const head = text.split(/\r?\n\r?\n/, 1)[0] ?? ""
      for (const [, name, version] of head.matchAll(
        /^Requires-Dist:\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*\(?==\s*([A-Za-z0-9][A-Za-z0-9.!+_-]*)\)?\s*$/gim,
      ))
        found.push({ name: name ?? "", version: version ?? "" })
    }
    if (path === "package/package.json") {
      for (const [name, range] of Object.entries(asRecord(asRecord(parseJson(text))?.dependencies) ?? {})) {
        const version = /^=?(\d+\.\d+\.\d+[A-Za-z0-9.+-]*)$/.exec(asText(range) ?? "")?.[1]
        const plain = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/.test(name)
        if (version !== undefined && plain) found.push({ name, version })
      }
    }
  }
  return found
}
