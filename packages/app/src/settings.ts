// The settings as the CLI and the server show and change them, over host's configuration.
import type { Config, ListedSetting } from "@fireside/host"
import { AppError } from "@fireside/protocol"
import type { Setting, Settings } from "./app.ts"

export interface SettingsOptions {
  readonly config: Config
  /** Reads every source again: a changed file shows at once. */
  readonly reload: () => Promise<Config>
  /** Makes the folders that a change needs. */
  readonly prepareHome: () => Promise<void>
}

export function createSettings({ config, reload, prepareHome }: SettingsOptions): Settings {
  /** This process works with what it began with, whatever is saved since. */
  const describe = (listed: ListedSetting, saved: Config): Setting => {
    const before = JSON.stringify(config.values[listed.key])
    return toSetting(listed, before !== JSON.stringify(saved.values[listed.key]))
  }
  const find = async (from: Config, key: string): Promise<Setting> => {
    const found = from.list().find((it) => it.key.toLowerCase() === key.toLowerCase())
    if (found !== undefined) return describe(found, from)
    const { closestName } = await import("@fireside/host")
    const close = closestName(
      key,
      from.list().map((it) => it.key),
    )
    throw new AppError("not-found", {
      message: `There is no setting ${key}.`,
      hint: close === undefined ? "fireside config list shows them." : `Did you mean ${close}?`,
    })
  }
  return {
    path: config.path,
    async list() {
      const saved = await reload()
      return saved.list().map((listed) => describe(listed, saved))
    },
    get: async (key) => find(await reload(), key),
    async set(key, value) {
      const { key: known } = await find(config, key)
      await prepareHome()
      const { setConfigValue } = await import("@fireside/host")
      await setConfigValue(config.paths, known, value === "" ? undefined : value)
      return find(await reload(), known)
    },
  }
}

function toSetting(
  { value, source, defaultValue, otherwise, ...facts }: ListedSetting,
  needsRestart: boolean,
): Setting {
  return {
    ...facts,
    value: value ?? null,
    source: source.type,
    defaultValue: defaultValue ?? null,
    ...(otherwise === undefined ? {} : { otherwise }),
    needsRestart,
  }
}
