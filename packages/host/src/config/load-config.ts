// Puts the settings together: defaults < file < environment < flags.
import { isAbsolute, join, resolve } from "node:path"
import { AppError } from "@fireside/protocol"
import { layoutOf } from "../paths.ts"
import { closestName } from "./closest-name.ts"
import type { Config, ListedSetting, SettingSource } from "./config.ts"
import { configPathOf, readConfigFile } from "./config-file.ts"
import { defaultHome, type HomeWorld, thisUser, userHome } from "./default-home.ts"
import { type Environment, readEnvironment } from "./environment.ts"
import { folder } from "./setting-kind.ts"
import { SETTINGS, type SettingDefinition, type SettingKey, type SettingValues } from "./settings.ts"

export interface ConfigInput {
  /** Defaults to this process's. */
  readonly environment?: Environment
  /** By setting key. Undefined ones count as not given. */
  readonly flags?: Readonly<Record<string, unknown>>
  /** Defaults to this platform and this user. */
  readonly user?: Omit<HomeWorld, "environment">
}

/** Variables of ours that are not settings: for tests and the scripts of the repository. */
const OTHER_VARIABLES = /^FIRESIDE_(TEST|BENCH|BUILD|SETUP|CHILD|INTERNAL)(_|$)/

interface Found {
  readonly value: unknown
  readonly source: SettingSource
}

// The table is typed by key; here any of its rows is looked at as one.
const TABLE = SETTINGS as unknown as Readonly<Record<SettingKey, SettingDefinition<unknown>>>
const KEYS = Object.keys(TABLE) as readonly SettingKey[]

/**
 * Reads every setting. Makes and writes nothing.
 * Throws `bad-config` naming the key and its source for an unknown key or a value that is not accepted; `cannot-write` when there is no
 * place for the data folder.
 */
export function loadConfig({ environment = readEnvironment(), flags = {}, user }: ConfigInput = {}): Config {
  const world = { ...thisUser(environment), ...user, environment }
  refuseUnknownVariables(environment)
  const flagged = withSource(flags, { type: "flag" })
  const fromEnvironment = readVariables(environment)
  const home = settle("home", [flagged, fromEnvironment]) ?? {
    value: defaultHome(world),
    source: { type: "default" },
  }
  // `folder` gives text; `resolve` makes it absolute.
  const homePath = resolve(expandHome(home.value as string, world))
  const path = configPathOf(homePath)
  const fromFile = withSource(readConfigFile(path), { type: "file", path })
  if (fromFile.has("home"))
    throw badKey(
      "home",
      { type: "file", path },
      "The file is found in the data folder, so it cannot name it.",
    )

  const found = new Map<SettingKey, Found>()
  for (const key of KEYS) {
    const settled = settle(key, [flagged, fromEnvironment, fromFile])
    found.set(key, settled ?? { value: TABLE[key].defaultValue, source: { type: "default" } })
  }
  found.set("home", { value: homePath, source: home.source })
  return toConfig(found, { path, world })
}

/** Like `loadConfig` for one value: the text as a setting's value. Throws `bad-config`. */
export function parseSetting(key: string, value: unknown, source: SettingSource): unknown {
  const definition = definitionOf(key, source)
  const parsed = definition.kind.parse(value)
  if (parsed === undefined) throw badValue({ key, value, source, definition })
  return parsed
}

export function definitionOf(key: string, source: SettingSource): SettingDefinition<unknown> {
  if (Object.hasOwn(TABLE, key)) return TABLE[key as SettingKey]
  const close = closestName(key, KEYS)
  throw badKey(
    key,
    source,
    close === undefined ? "`fireside config list` shows all settings." : `Did you mean ${close}?`,
  )
}

function toConfig(
  found: ReadonlyMap<SettingKey, Found>,
  { path, world }: { path: string; world: HomeWorld },
): Config {
  const entry = (key: SettingKey): Found =>
    found.get(key) ?? { value: undefined, source: { type: "default" } }
  const values: Record<string, unknown> = {}
  for (const key of KEYS) {
    const { value } = entry(key)
    const isPath = typeof value === "string" && TABLE[key].kind === folder
    values[key] = isPath ? resolve(expandHome(value, world)) : value
  }
  // Every key was parsed by its own kind, so the record has the table's types.
  const settled = Object.freeze(values) as unknown as SettingValues
  return {
    values: settled,
    paths: layoutOf(settled.home),
    path,
    userHome: userHome(world),
    sourceOf: (key) => entry(key).source,
    list: () => KEYS.map((key) => listed(key, { value: values[key], source: entry(key).source })),
  }
}

function listed(key: SettingKey, { value, source }: Found): ListedSetting {
  const { description, secret, kind } = TABLE[key]
  const shown = value === undefined ? undefined : secret ? "(secret)" : kind.format(value)
  return { key, value: shown, source, description }
}

function withSource(record: Readonly<Record<string, unknown>>, source: SettingSource): Map<string, Found> {
  const found = new Map<string, Found>()
  for (const [key, value] of Object.entries(record)) {
    if (value === undefined) continue
    definitionOf(key, source)
    found.set(key, { value, source })
  }
  return found
}

function readVariables(environment: Environment): Map<string, Found> {
  const found = new Map<string, Found>()
  for (const key of KEYS) {
    for (const { name, read = (value: string) => value } of TABLE[key].environment) {
      const value = environment[name]
      // An empty variable is how shells unset one for a single command.
      if (value === undefined || value.trim() === "") continue
      found.set(key, { value: read(value), source: { type: "environment", name } })
      break
    }
  }
  return found
}

function refuseUnknownVariables(environment: Environment): void {
  const known = KEYS.flatMap((key) => TABLE[key].environment.map(({ name }) => name))
  for (const name of Object.keys(environment)) {
    if (!name.startsWith("FIRESIDE_") || known.includes(name) || OTHER_VARIABLES.test(name)) continue
    const close = closestName(name, known)
    throw badKey(
      name,
      { type: "environment", name },
      close === undefined ? "Unset it; `fireside config list` shows all settings." : `Did you mean ${close}?`,
    )
  }
}

/** The first source that has the key, parsed. */
function settle(key: SettingKey, sources: readonly ReadonlyMap<string, Found>[]): Found | undefined {
  for (const source of sources) {
    const found = source.get(key)
    if (found !== undefined)
      return { value: parseSetting(key, found.value, found.source), source: found.source }
  }
  return undefined
}

function expandHome(path: string, world: HomeWorld): string {
  const home = userHome(world)
  if (isAbsolute(path) || home === undefined) return path
  if (path === "~") return home
  return path.startsWith("~/") ? join(home, path.slice(2)) : path
}

/** In words: `the file …/config.json`, `FIRESIDE_PORT`, `the flag`. */
function describeSource(source: SettingSource): string {
  switch (source.type) {
    case "default":
      return "the defaults"
    case "file":
      return `the file ${source.path}`
    case "environment":
      return `the environment variable ${source.name}`
    case "flag":
      return "the command line"
    default:
      return source satisfies never
  }
}

function badKey(key: string, source: SettingSource, hint: string): AppError {
  return new AppError("bad-config", {
    message: `There is no setting \`${key}\` that can come from ${describeSource(source)}.`,
    hint,
    details: { key, source },
  })
}

interface BadValue {
  readonly key: string
  readonly value: unknown
  readonly source: SettingSource
  readonly definition: SettingDefinition<unknown>
}

function badValue({ key, value, source, definition }: BadValue): AppError {
  const shown = definition.secret ? "(secret)" : (JSON.stringify(value) ?? String(value)).slice(0, 200)
  return new AppError("bad-config", {
    message: `The setting \`${key}\` cannot be ${shown} (from ${describeSource(source)}).`,
    hint: `It takes ${definition.kind.accepts}.`,
    details: { key, source, accepts: definition.kind.accepts },
  })
}
