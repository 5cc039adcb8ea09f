// Which model answers: the one of the conversation, or the usual one.
import type { ModelSummary, RunningModel } from "@fireside/protocol"
import type { QueryClient } from "@tanstack/react-query"
import { modelsQuery, useModels, useRunningModels } from "../../queries/models.ts"
import { settingsQuery, useSettings } from "../../queries/settings.ts"
import { usableModels, usualModel } from "./usual-model.ts"

const RUNNING_EVERY_MS = 10_000

export interface ModelChoice {
  /** Empty: it is not known yet, or there is none. */
  readonly model: string
  readonly models: readonly ModelSummary[]
  /** Names of those in memory. */
  readonly loaded: ReadonlySet<string>
  /** Of the model as it is loaded, tokens. */
  readonly contextLength: number | undefined
  readonly isSettled: boolean
  /** Which models there are could not be asked. */
  readonly isAway: boolean
  /** There is no model at all, which is known by now. */
  readonly isMissing: boolean
}

/** Who writes before the list of models is there waits for it here. */
export async function firstModel(queries: QueryClient): Promise<string> {
  const [models, settings] = await Promise.all([
    queries.fetchQuery(modelsQuery),
    queries.fetchQuery(settingsQuery).catch(() => []),
  ])
  return usualModel(models, settings)
}

/** `wantedContext`: of the conversation, where it has one of its own. */
export function useModelChoice(wanted: string, wantedContext?: number): ModelChoice {
  const list = useModels()
  const running = useRunningModels(RUNNING_EVERY_MS)
  const settings = useSettings()
  const all = list.data ?? []
  const loaded = new Set((running.data ?? []).map(({ name }) => name))
  const usual = usualModel(all, settings.data ?? [], loaded)
  const model = wanted === "" ? usual : wanted
  return {
    model,
    contextLength: contextOf(running.data ?? [], model, wantedContext),
    models: usableModels(all),
    loaded,
    isSettled: list.isSuccess,
    isAway: list.isError,
    // Who may not read the settings has a key to somebody's server, which has models.
    isMissing: list.isSuccess && settings.isSuccess && usual === "",
  }
}

/** A model may be loaded more than once: who wants a length gets a copy that has it, who wants none is told of the shortest. */
function contextOf(
  running: readonly RunningModel[],
  model: string,
  wanted: number | undefined,
): number | undefined {
  const lengths = running.filter(({ name }) => name === model).map(({ contextLength }) => contextLength)
  if (lengths.length === 0) return undefined
  return wanted === undefined ? Math.min(...lengths) : Math.min(wanted, Math.max(...lengths))
}
