// The settings as the reference page lists them.
import { SETTING_KEYS, TABLE } from "./parse-setting.ts"

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
  return SETTING_KEYS.map((key) => {
    const { description, kind, defaultValue, otherwise, environment, secret, inFile } = TABLE[key]
    return {
      key,
      description,
      accepts: kind.accepts,
      defaultValue: defaultValue === undefined ? (otherwise ?? "nothing") : String(kind.format(defaultValue)),
      environment: environment.map(({ name }) => name),
      secret: secret ?? false,
      inFile: inFile ?? true,
    }
  })
}
