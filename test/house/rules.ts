// The rules of the house over the facts of its files. Each gives the violations as lines that say where and what to do.
import {
  ARROWS,
  ENVIRONMENT_READERS,
  FORBIDDEN_NAMES,
  LONGEST_FILE_LINES,
  NETWORK_EXCEPTIONS,
  NETWORK_MODULES,
  type PackageRow,
  PROCESS_STARTERS,
  SIDE_DOORS,
  TEST_ONLY,
} from "./arrows.ts"
import type { ImportFact, SourceFacts } from "./read-source.ts"

/** A package.json, as far as the rules read it. */
export interface PackageJson {
  readonly name: string
  readonly private?: boolean
  readonly type?: string
  readonly version?: string
  readonly exports?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const SCOPE = "@fireside/"

/** The imports of one file against the table. */
export function importViolations(
  file: SourceFacts,
  arrows: Readonly<Record<string, PackageRow>> = ARROWS,
): string[] {
  const owner = ownerOf(file.path)
  if (owner === undefined) return []
  const row = arrows[owner]
  if (row === undefined) return [`${file.path}: package ${owner} is not in test/house/arrows.ts`]
  return file.imports.flatMap((fact) => {
    const reason = whyNot(fact, { owner, row, file: file.path })
    return reason === undefined ? [] : [`${file.path}:${fact.line} imports ${fact.specifier}: ${reason}`]
  })
}

function whyNot(
  { specifier, lazy, typeOnly }: ImportFact,
  { owner, row, file }: { owner: string; row: PackageRow; file: string },
): string | undefined {
  if (specifier.startsWith(".")) return leavesPackage(file, specifier)
  const testing = isTestFile(file)
  if (specifier.startsWith(SCOPE)) {
    const [target = "", ...door] = specifier.slice(SCOPE.length).split("/")
    if (target !== owner && !row.imports.includes(target))
      return `${owner} may import ${row.imports.join(", ") || "nothing of ours"}`
    if (door.length === 0 || SIDE_DOORS[[target, ...door].join("/")] !== undefined) return undefined
    if (door.join("/") !== "testing") return "packages are entered by their door only"
    return testing ? undefined : "fakes are for tests"
  }
  const builtIn = builtInName(specifier)
  if (builtIn !== undefined) {
    if (testing || typeOnly || row.node === undefined || row.node === "node") return undefined
    if (row.node === "lazy" && lazy) return undefined
    return `${owner} also runs in a browser: Node's modules ${row.node === "lazy" ? "only inside functions" : "are not there"}`
  }
  const name = packageName(specifier)
  if (TEST_ONLY.includes(name)) return testing ? undefined : `${name} is for tests`
  if (row.thirdParty.some((pattern) => covers(pattern, name))) return undefined
  return `${name} belongs to ${homeOf(name) ?? "no package"}`
}

/** `package.json` of a package against its row. */
export function manifestViolations(
  owner: string,
  manifest: PackageJson,
  arrows: Readonly<Record<string, PackageRow>> = ARROWS,
): string[] {
  const row = arrows[owner]
  if (row === undefined) return [`packages/${owner} is not in test/house/arrows.ts`]
  const where = `packages/${owner}/package.json`
  const all = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies }
  const violations: string[] = []
  for (const [name, version] of Object.entries(all)) {
    const target = name.startsWith(SCOPE) ? name.slice(SCOPE.length) : undefined
    if (target === undefined && !row.thirdParty.some((pattern) => covers(pattern, name)))
      violations.push(`${where}: ${name} belongs to ${homeOf(name) ?? "no package"}`)
    if (target !== undefined && !row.imports.includes(target))
      violations.push(`${where}: ${owner} may not depend on ${target}`)
    if (!/^(npm:[\w@./-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      violations.push(`${where}: ${name} ${version} is not an exact version`)
  }
  if (manifest.name !== `${SCOPE}${owner}`) violations.push(`${where}: is named ${manifest.name}`)
  if (manifest.private !== true) violations.push(`${where}: is not private`)
  if (manifest.type !== "module") violations.push(`${where}: is not an ES module`)
  if (manifest.exports?.["."] !== "./src/index.ts") violations.push(`${where}: its door is not src/index.ts`)
  return violations
}

/** Every import of a package of ours and of third parties is declared in the importing package's package.json. */
export function undeclaredImports(file: SourceFacts, manifest: PackageJson): string[] {
  const declared = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies }
  return file.imports
    .filter(({ specifier }) => !specifier.startsWith(".") && builtInName(specifier) === undefined)
    .map(({ specifier, line }) => ({ name: packageName(specifier), line }))
    .filter(({ name }) => name !== manifest.name && !TEST_ONLY.includes(name) && declared[name] === undefined)
    .map(({ name, line }) => `${file.path}:${line} imports ${name}, which its package.json does not declare`)
}

/** Sockets are opened in `egress` only, processes started in `host` only, the environment read by the configuration only. */
export function chokePointViolations(file: SourceFacts): string[] {
  const owner = ownerOf(file.path)
  if (owner === undefined || isTestFile(file.path)) return []
  const violations: string[] = []
  if (owner !== "egress" && NETWORK_EXCEPTIONS[file.path] === undefined) {
    for (const { specifier, line, typeOnly } of file.imports)
      if (!typeOnly && NETWORK_MODULES.includes(builtInName(specifier) ?? specifier))
        violations.push(`${file.path}:${line} imports ${specifier}: only egress opens sockets`)
    for (const { name, line } of file.globals)
      violations.push(`${file.path}:${line} uses ${name}: only egress opens sockets`)
  }
  if (PROCESS_STARTERS[file.path] === undefined)
    for (const { specifier, line, typeOnly } of file.imports)
      if (!typeOnly && ["child_process", "cluster"].includes(builtInName(specifier) ?? ""))
        violations.push(`${file.path}:${line} imports ${specifier}: processes are started through host`)
  if (!isListed(file.path, ENVIRONMENT_READERS))
    for (const line of file.environmentReads)
      violations.push(`${file.path}:${line} reads process.env: take a configuration`)
  return violations
}

/** `export *` hides what a door offers. */
export function exportAllViolations(file: SourceFacts): string[] {
  return file.exportsAll.map((line) => `${file.path}:${line} export *: name what is exported`)
}

/** A door has names, no logic. */
export function doorViolations(file: SourceFacts): string[] {
  if (!/^packages\/[^/]+\/src\/index\.ts$/.test(file.path)) return []
  return file.logic.map((line) => `${file.path}:${line} holds more than named exports`)
}

export function nameViolations(path: string): string[] {
  return path
    .split("/")
    .map((part) => part.replace(/\..*$/, ""))
    .filter((part) => FORBIDDEN_NAMES.includes(part))
    .map((part) => `${path}: ${part} says nothing; name the idea`)
}

/** `exempt` holds data tables with the length they may have; an entry that is no longer needed is a violation too. */
export function lengthViolations(
  lengths: ReadonlyMap<string, number>,
  exempt: Readonly<Record<string, number>>,
): string[] {
  const violations: string[] = []
  for (const [path, lines] of lengths) {
    const allowed = exempt[path] ?? LONGEST_FILE_LINES
    if (lines > allowed) violations.push(`${path}: ${lines} lines, ${allowed} are allowed`)
  }
  for (const path of Object.keys(exempt))
    if ((lengths.get(path) ?? 0) <= LONGEST_FILE_LINES)
      violations.push(`${path}: needs no exemption any more, take it off the list`)
  return violations
}

/** The package that a file belongs to; undefined outside of packages/. */
export function ownerOf(path: string): string | undefined {
  return /^packages\/([^/]+)\/src\//.exec(path)?.[1]
}

/** Tests, contract suites and the fakes that a package ships for tests. */
function isTestFile(path: string): boolean {
  return /\.(test|contract)\.ts$|\/testing\.ts$|\/testing\/|\.fixture\.ts$/.test(path)
}

function leavesPackage(file: string, specifier: string): string | undefined {
  const parts = file.split("/").slice(0, -1)
  for (const step of specifier.split("/")) {
    if (step === "..") parts.pop()
    else if (step !== ".") parts.push(step)
  }
  const root = file.split("/").slice(0, 2).join("/")
  return `${parts.join("/")}/`.startsWith(`${root}/`) ? undefined : "packages are entered by their door only"
}

const BUILT_IN =
  /^(node:.+|assert|buffer|child_process|cluster|console|crypto|dgram|dns|events|fs|http|http2|https|inspector|module|net|os|path|perf_hooks|process|readline|stream|string_decoder|timers|tls|tty|url|util|v8|vm|worker_threads|zlib)(\/[a-z/]+)?$/

function builtInName(specifier: string): string | undefined {
  return BUILT_IN.test(specifier) ? specifier.replace(/^node:/, "") : undefined
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")
}

function covers(pattern: string, name: string): boolean {
  return pattern.endsWith("/*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name
}

function homeOf(name: string): string | undefined {
  return Object.keys(ARROWS).find((owner) =>
    ARROWS[owner]?.thirdParty.some((pattern) => covers(pattern, name)),
  )
}

function isListed(path: string, list: Readonly<Record<string, string>>): boolean {
  return Object.keys(list).some((entry) => (entry.endsWith("/") ? path.startsWith(entry) : path === entry))
}
