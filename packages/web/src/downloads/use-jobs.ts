import type { Job } from "@fireside/protocol"
import { type UseQueryResult, useQuery } from "@tanstack/react-query"
import { api } from "../api.ts"

/** Often enough to see what another tab or a terminal began. */
const LOOK_AGAIN_MS = 5_000

export function useJobs(): UseQueryResult<readonly Job[]> {
  return useQuery({
    queryKey: ["jobs"],
    queryFn: ({ signal }) => api.jobs.list(signal),
    refetchInterval: LOOK_AGAIN_MS,
  })
}
