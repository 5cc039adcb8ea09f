// Which setting is on which tab, under which heading. A setting that is not named here is on the last tab, under the last heading.
import type { Setting } from "@fireside/protocol"

export const SETTING_GROUPS = {
  defaults: {
    answers: ["defaultModel", "contextLength", "keepAlive", "deterministic"],
    resources: ["memoryLimit", "threads", "parallel", "limitRate"],
  },
  advanced: {
    network: [
      "host",
      "port",
      "ollamaPort",
      "requireKey",
      "allowedHosts",
      "allowedOrigins",
      "tlsCertificate",
      "tlsKey",
      "offline",
    ],
    engine: [
      "engine",
      "speculation",
      "kvType",
      "sharesCells",
      "cache.memory",
      "cache.disk",
      "cache.normalise",
      "queueLength",
      "sandbox",
      "llamaDir",
    ],
    sources: [
      "hfEndpoint",
      "hfToken",
      "ollamaRegistry",
      "ollamaModels",
      "lmStudioModels",
      "hubCache",
      "llamaCppCache",
      "pipCommand",
      "npmCommand",
    ],
    other: ["logLevel", "noColor", "home"],
  },
} as const

export type SettingTab = keyof typeof SETTING_GROUPS

export interface SettingGroup {
  readonly name: string
  readonly settings: readonly Setting[]
}

/** Groups without a setting are left out. */
export function groupSettings(settings: readonly Setting[], tab: SettingTab): readonly SettingGroup[] {
  const named = new Set<string>(Object.values(SETTING_GROUPS).flatMap((it) => Object.values(it).flat()))
  const unnamed = settings.filter(({ key }) => !named.has(key))
  return Object.entries(SETTING_GROUPS[tab])
    .map(([name, keys]: [string, readonly string[]]) => {
      const own = keys.flatMap((key) => settings.filter((setting) => setting.key === key))
      return { name, settings: tab === "advanced" && name === "other" ? [...own, ...unnamed] : own }
    })
    .filter((group) => group.settings.length > 0)
}
