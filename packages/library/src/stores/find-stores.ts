// Which stores of other programs are looked at: those that the user names, else the places where the programs keep them.
import { join } from "node:path"
import { listHubCache, listLlamaCppCache, listLmStudioStore } from "./gguf-folders.ts"
import type { InPlaceStore } from "./in-place-model.ts"
import { listOllamaStore } from "./ollama-store.ts"

export interface StoreConfig {
  readonly ollamaModels?: string
  readonly lmStudioModels?: string
  readonly hubCache?: string
  readonly llamaCppCache?: string
}

export function findStores(
  config: StoreConfig,
  { userHome, platform }: { readonly userHome: string; readonly platform: NodeJS.Platform },
): readonly InPlaceStore[] {
  const places = (
    own: string | undefined,
    usual: readonly string[],
    list: InPlaceStore["list"],
  ): readonly InPlaceStore[] => (own === undefined ? usual : [own]).map((folder) => ({ folder, list }))
  const home = (...parts: readonly string[]): string => join(userHome, ...parts)
  const llamaCpp =
    platform === "darwin"
      ? home("Library", "Caches", "llama.cpp")
      : platform === "win32"
        ? home("AppData", "Local", "llama.cpp")
        : home(".cache", "llama.cpp")
  return [
    // The second is where the packaged service of Linux keeps them.
    ...places(
      config.ollamaModels,
      [home(".ollama", "models"), "/usr/share/ollama/.ollama/models"],
      listOllamaStore,
    ),
    ...places(
      config.lmStudioModels,
      [home(".lmstudio", "models"), home(".cache", "lm-studio", "models")],
      listLmStudioStore,
    ),
    ...places(config.hubCache, [home(".cache", "huggingface", "hub")], listHubCache),
    ...places(config.llamaCppCache, [llamaCpp], listLlamaCppCache),
  ]
}
