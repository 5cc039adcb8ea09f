// The settings as the reference page lists them.
import { SETTINGS, type SettingDefinition } from "./settings.ts"

export interface SettingDescription {
  readonly key: string
  readonly description: string
  readonly accepts: string
  /** As it would be written, or in words where nothing is set. */
  readonly defaultValue: string
  /** Variables, the one that counts first. */
  readonly environment: readonly string[]
  readonly secret: boolean
  /** False when it cannot stand in `config.json`. */
  readonly inFile: boolean
}

/** Every setting, in the order of the table. */
export function describeSettings(): readonly SettingDescription[] {
  // The table is typed by key; here any of its rows is looked at as one.
  const rows = Object.entries(SETTINGS) as unknown as [string, SettingDefinition<unknown>][]
  return rows.map(([key, row]) => ({
    key,
    description: row.description,
    accepts: row.kind.accepts,
    defaultValue:
      row.defaultValue === undefined
        ? (row.otherwise ?? "nothing")
        : String(row.kind.format(row.defaultValue)),
    environment: row.environment.map(({ name }) => name),
    secret: row.secret ?? false,
    inFile: row.inFile ?? true,
  }))
}
