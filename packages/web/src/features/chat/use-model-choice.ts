// Which model answers: the one of the conversation, or the first that can write.
import type { ModelSummary } from "@fireside/protocol"
import { type QueryClient, useQuery } from "@tanstack/react-query"
import { api } from "../../api.ts"

export interface ModelChoice {
  /** Empty: the server decides, or there is none. */
  readonly model: string
  readonly models: readonly ModelSummary[]
  /** Names of those in memory. */
  readonly loaded: ReadonlySet<string>
  /** Of the model as it is loaded, tokens. */
  readonly contextLength: number | undefined
  readonly isSettled: boolean
  /** There is no model at all, which is known by now. */
  readonly isMissing: boolean
}

/** Who writes before the list of models is there waits for it here. */
export async function firstModel(queries: QueryClient): Promise<string> {
  const [models, settings] = await Promise.all([
    queries.fetchQuery({ queryKey: ["models"], queryFn: ({ signal }) => api.models.list(signal) }),
    queries
      .fetchQuery({ queryKey: ["settings"], queryFn: ({ signal }) => api.settings(signal) })
      .catch(() => []),
  ])
  const isEcho = settings.some(({ key, value }) => key === "engine" && value === "echo")
  const usable = models.find(({ problem }) => problem === undefined)
  return usable?.name ?? (isEcho ? ECHO_MODEL : "")
}

/** What the engine without weights brings itself. */
const ECHO_MODEL = "echo"

export function useModelChoice(wanted: string): ModelChoice {
  const list = useQuery({ queryKey: ["models"], queryFn: ({ signal }) => api.models.list(signal) })
  const running = useQuery({
    queryKey: ["running"],
    queryFn: ({ signal }) => api.models.running(signal),
    refetchInterval: 10_000,
  })
  const settings = useQuery({ queryKey: ["settings"], queryFn: ({ signal }) => api.settings(signal) })
  const isEcho = settings.data?.some(({ key, value }) => key === "engine" && value === "echo") ?? false
  const models = (list.data ?? []).filter(({ problem }) => problem === undefined)
  const loaded = new Set((running.data ?? []).map(({ name }) => name))
  const usual = models.find(({ name }) => loaded.has(name)) ?? models[0]
  const model = wanted === "" ? (usual?.name ?? (isEcho ? ECHO_MODEL : "")) : wanted
  return {
    model,
    contextLength: running.data?.find(({ name }) => name === model)?.contextLength,
    models,
    loaded,
    isSettled: list.isSuccess,
    // Who may not read the settings has a key to somebody's server, which has models.
    isMissing: list.isSuccess && models.length === 0 && settings.isSuccess && !isEcho,
  }
}
