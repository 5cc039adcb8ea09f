// What can be done with the jobs of the server.
import type { Job } from "@fireside/protocol"
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "../../api.ts"
import { useSpeedLimit, wishedLimit } from "../../downloads/speed-limit.ts"
import { JOBS_KEY } from "../../queries/jobs.ts"

export interface JobActions {
  readonly cancel: UseMutationResult<Job, Error, string>
  /** Under the limit of the day, as where downloads begin. */
  readonly resume: UseMutationResult<Job, Error, string>
}

export function useJobActions(): JobActions {
  const client = useQueryClient()
  const { bytesPerSecond } = useSpeedLimit()
  const onSettled = (): Promise<void> => client.invalidateQueries({ queryKey: JOBS_KEY })
  return {
    cancel: useMutation({ mutationFn: (id: string) => api.jobs.cancel(id), onSettled }),
    resume: useMutation({
      mutationFn: (id: string) => api.jobs.resume(id, wishedLimit(bytesPerSecond)),
      onSettled,
    }),
  }
}
