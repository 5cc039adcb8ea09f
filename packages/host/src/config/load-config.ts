// Puts the settings together: defaults < file < environment < flags.
import { isAbsolute, join, resolve } from "node:path"
import { layoutOf } from "../paths.ts"
import type { Config, ListedSetting, SettingSource } from "./config.ts"
import { configPathOf, readConfigFile } from "./config-file.ts"
import { defaultHome, type HomeWorld, thisUser, userHome } from "./default-home.ts"
import { type Environment, readEnvironment } from "./environment.ts"
import { definitionOf, parseSetting, SETTING_KEYS, TABLE, unknownVariable } from "./parse-setting.ts"
import { file, folder } from "./setting-kind.ts"
import type { SettingKey, SettingValues } from "./settings.ts"

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
  // Its kind gives text.
  const homePath = resolve(expandHome(home.value as string, world))
  const path = configPathOf(homePath)
  const fromFile = withSource(readConfigFile(path), { type: "file", path })

  const found = new Map<SettingKey, Found>()
  for (const key of SETTING_KEYS) {
    const { value, source } = settle(key, [flagged, fromEnvironment, fromFile]) ?? defaultOf(key)
    const { kind } = TABLE[key]
    const isPath = (kind === folder || kind === file) && typeof value === "string"
    found.set(key, { value: isPath ? resolve(expandHome(value, world)) : value, source })
  }
  found.set("home", { value: homePath, source: home.source })
  return toConfig(found, { path, userHome: userHome(world) })
}

function toConfig(
  found: ReadonlyMap<SettingKey, Found>,
  { path, userHome }: Pick<Config, "path" | "userHome">,
): Config {
  const entry = (key: SettingKey): Found => found.get(key) ?? defaultOf(key)
  const record = Object.fromEntries(SETTING_KEYS.map((key) => [key, entry(key).value]))
  // Every value was parsed by its key's own kind, so the record has the table's types.
  const values = Object.freeze(record) as unknown as SettingValues
  return {
    values,
    paths: layoutOf(values.home),
    path,
    userHome,
    sourceOf: (key) => entry(key).source,
    list: () => SETTING_KEYS.map((key) => listed(key, entry(key))),
  }
}

function listed(key: SettingKey, { value, source }: Found): ListedSetting {
  const { description, secret = false, kind, defaultValue, otherwise, changedBy = "admin" } = TABLE[key]
  const shown = value === undefined ? undefined : secret ? "(secret)" : kind.format(value)
  const { shape, accepts } = kind
  return {
    key,
    value: shown,
    source,
    description,
    shape,
    accepts,
    defaultValue: defaultValue === undefined ? undefined : kind.format(defaultValue),
    otherwise,
    secret,
    changedBy,
  }
}

function defaultOf(key: SettingKey): Found {
  return { value: TABLE[key].defaultValue, source: { type: "default" } }
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
  for (const key of SETTING_KEYS) {
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
  const known = SETTING_KEYS.flatMap((key) => TABLE[key].environment.map(({ name }) => name))
  for (const name of Object.keys(environment)) {
    if (!name.startsWith("FIRESIDE_") || known.includes(name) || OTHER_VARIABLES.test(name)) continue
    throw unknownVariable(name, known)
  }
}

/** The first source that has the key, parsed. */
function settle(key: SettingKey, sources: readonly ReadonlyMap<string, Found>[]): Found | undefined {
  const found = sources.map((source) => source.get(key)).find((it) => it !== undefined)
  return found && { value: parseSetting(key, found.value, found.source), source: found.source }
}

function expandHome(path: string, world: HomeWorld): string {
  const home = userHome(world)
  if (isAbsolute(path) || home === undefined) return path
  if (path === "~") return home
  return path.startsWith("~/") ? join(home, path.slice(2)) : path
}
