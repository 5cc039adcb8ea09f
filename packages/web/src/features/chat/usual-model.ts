// Which model answers when nobody chose one. Pure.
import type { ModelSummary, Setting } from "@fireside/protocol"

/** What the engine without weights brings itself. */
const ECHO_MODEL = "echo"

/** One in memory, else the first that can be used; empty: there is none. */
export function usualModel(
  models: readonly ModelSummary[],
  settings: readonly Setting[],
  loaded: ReadonlySet<string> = new Set(),
): string {
  const usable = usableModels(models)
  const usual = usable.find(({ name }) => loaded.has(name)) ?? usable[0]
  const isEcho = settings.some(({ key, value }) => key === "engine" && value === "echo")
  return usual?.name ?? (isEcho ? ECHO_MODEL : "")
}

export function usableModels(models: readonly ModelSummary[]): readonly ModelSummary[] {
  return models.filter(({ problem }) => problem === undefined)
}
