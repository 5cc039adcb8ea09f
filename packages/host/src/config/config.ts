// The settings as others see them: values, and where each came from.
import type { SettingChangedBy, SettingShape } from "@fireside/protocol"
import type { Paths } from "../paths.ts"
import type { SettingKey, SettingValues } from "./settings.ts"

export type SettingSource =
  | { readonly type: "default" }
  | { readonly type: "file"; readonly path: string }
  | { readonly type: "environment"; readonly name: string }
  | { readonly type: "flag" }

export interface ListedSetting {
  readonly key: SettingKey
  /** As it would be written in the file; `undefined` when nothing is set, `(secret)` for a secret. */
  readonly value: string | number | boolean | undefined
  readonly source: SettingSource
  readonly description: string
  readonly shape: SettingShape
  /** In words. */
  readonly accepts: string
  /** As it would be written; `undefined`: nothing is set. */
  readonly defaultValue: string | number | boolean | undefined
  /** What happens when nothing is set, in words; for settings without a default. */
  readonly otherwise: string | undefined
  readonly secret: boolean
  readonly changedBy: SettingChangedBy
}

export interface Config {
  readonly values: SettingValues
  readonly paths: Paths
  /** The file that holds settings, whether it exists or not. */
  readonly path: string
  /** Where the user's own folders begin, for stores of other programs; undefined when this user has no home. */
  readonly userHome: string | undefined
  sourceOf(key: SettingKey): SettingSource
  /** All settings in the order of the reference, secrets hidden. */
  list(): readonly ListedSetting[]
}
