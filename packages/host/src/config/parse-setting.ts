// One row of the table and one value for it, with the errors that name key and source.
import { AppError } from "@fireside/protocol"
import { closestName } from "./closest-name.ts"
import type { SettingSource } from "./config.ts"
import { SETTINGS, type SettingDefinition, type SettingKey } from "./settings.ts"

/** The table with any of its rows looked at as one; its own type is keyed. */
export const TABLE = SETTINGS as unknown as Readonly<Record<SettingKey, SettingDefinition<unknown>>>
export const SETTING_KEYS = Object.keys(TABLE) as readonly SettingKey[]

/** The row of `key`. Throws `bad-config` for an unknown key, and for one that the source cannot have. */
export function definitionOf(key: string, source: SettingSource): SettingDefinition<unknown> {
  // `hasOwn` keeps `constructor` and the like from being found.
  if (!Object.hasOwn(TABLE, key)) {
    throw new AppError("bad-config", {
      message: `There is no setting \`${key}\` (from ${describeSource(source)}).`,
      hint: hintFor(closestName(key, SETTING_KEYS)),
      details: { key, source },
    })
  }
  const definition = TABLE[key as SettingKey]
  if (source.type === "file" && definition.inFile === false)
    throw new AppError("bad-config", {
      message: `The setting \`${key}\` cannot stand in ${source.path}: it says where that file is.`,
      hint: `Set ${definition.environment.map(({ name }) => name).join(" or ")}, or use the flag.`,
      details: { key, source },
    })
  return definition
}

/** `value` as the setting's own. Throws `bad-config` saying what would be accepted; a secret is not repeated. */
export function parseSetting(key: string, value: unknown, source: SettingSource): unknown {
  const definition = definitionOf(key, source)
  const parsed = definition.kind.parse(value)
  if (parsed !== undefined) return parsed
  const shown = definition.secret ? "(secret)" : (JSON.stringify(value) ?? String(value)).slice(0, 200)
  throw new AppError("bad-config", {
    message: `The setting \`${key}\` cannot be ${shown} (from ${describeSource(source)}).`,
    hint: `It takes ${definition.kind.accepts}.`,
    details: { key, source, accepts: definition.kind.accepts },
  })
}

/** `bad-config` for a variable that looks like ours and is none. */
export function unknownVariable(name: string, known: readonly string[]): AppError {
  return new AppError("bad-config", {
    message: `The environment variable ${name} is not a setting.`,
    hint: hintFor(closestName(name, known)),
    details: { key: name, source: { type: "environment", name } },
  })
}

function hintFor(close: string | undefined): string {
  return close === undefined ? "`fireside config list` shows all settings." : `Did you mean ${close}?`
}

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
