import type { Setting } from "@fireside/protocol"
import { queryOptions, type UseQueryResult, useQuery } from "@tanstack/react-query"
import { api } from "../api.ts"

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }): Promise<readonly Setting[]> => api.settings(signal),
})

/** Settings of the server. */
export function useSettings(): UseQueryResult<readonly Setting[]> {
  return useQuery(settingsQuery)
}
