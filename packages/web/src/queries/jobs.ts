import type { Job } from "@fireside/protocol"
import { type UseQueryResult, useQuery } from "@tanstack/react-query"
import { api } from "../api.ts"

export const JOBS_KEY = ["jobs"] as const

/** Rows are written once a second while something runs; else only another tab or a terminal begins jobs. */
const RUNNING_EVERY_MS = 2_000
const IDLE_EVERY_MS = 5_000

export function useJobs(): UseQueryResult<readonly Job[]> {
  return useQuery({
    queryKey: JOBS_KEY,
    queryFn: ({ signal }) => api.jobs.list(signal),
    refetchInterval: ({ state }) =>
      state.data?.some((job) => job.state === "running") ? RUNNING_EVERY_MS : IDLE_EVERY_MS,
  })
}
