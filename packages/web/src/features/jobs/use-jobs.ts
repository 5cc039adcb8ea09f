// The jobs of the server and what can be done with them.
import type { Job } from "@fireside/protocol"
import {
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query"
import { api } from "../../api.ts"

export const JOBS_KEY = ["jobs"] as const

/** Rows are written once a second while something runs; else only other programs begin jobs. */
const RUNNING_EVERY_MS = 2_000
const IDLE_EVERY_MS = 15_000

export function useJobs(): UseQueryResult<readonly Job[]> {
  return useQuery({
    queryKey: JOBS_KEY,
    queryFn: ({ signal }) => api.jobs.list(signal),
    refetchInterval: ({ state }) =>
      state.data?.some((job) => job.state === "running") ? RUNNING_EVERY_MS : IDLE_EVERY_MS,
  })
}

export interface JobActions {
  readonly cancel: UseMutationResult<Job, Error, string>
  readonly resume: UseMutationResult<Job, Error, string>
}

export function useJobActions(): JobActions {
  const client = useQueryClient()
  const onSettled = (): Promise<void> => client.invalidateQueries({ queryKey: JOBS_KEY })
  return {
    cancel: useMutation({ mutationFn: (id: string) => api.jobs.cancel(id), onSettled }),
    resume: useMutation({ mutationFn: (id: string) => api.jobs.resume(id), onSettled }),
  }
}
