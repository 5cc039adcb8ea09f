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
  const find = async (from: Config, key: string): Promise<Setting> => {
    const found = from.list().find((it) => it.key.toLowerCase() === key.toLowerCase())
    if (found !== undefined) return toSetting(found)
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
    list: async () => config.list().map(toSetting),
    get: (key) => find(config, key),
    async set(key, value) {
      const { key: known } = await find(config, key)
      await prepareHome()
      const { setConfigValue } = await import("@fireside/host")
      await setConfigValue(config.paths, known, value === "" ? undefined : value)
      return find(await reload(), known)
    },
  }
}

function toSetting({ key, value, source, description }: ListedSetting): Setting {
  return { key, value: value ?? null, source: source.type, description }
}
