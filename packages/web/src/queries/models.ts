import type { ModelSummary, RunningModel } from "@fireside/protocol"
import { queryOptions, type UseQueryResult, useQuery } from "@tanstack/react-query"
import { api } from "../api.ts"

/** Models of the library. */
export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }): Promise<readonly ModelSummary[]> => api.models.list(signal),
})

export function useModels(): UseQueryResult<readonly ModelSummary[]> {
  return useQuery(modelsQuery)
}

/** Models in memory. It changes by itself: they leave when nobody uses them. */
export function useRunningModels(everyMs: number): UseQueryResult<readonly RunningModel[]> {
  return useQuery({
    queryKey: ["running"],
    queryFn: ({ signal }) => api.models.running(signal),
    refetchInterval: everyMs,
  })
}
