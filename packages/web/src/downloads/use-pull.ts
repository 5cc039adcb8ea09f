// The pull of one model: where it stands, and what can be done with it. What the server has of it is the truth, so it outlives the tab.
import type { Job } from "@fireside/protocol"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRef } from "react"
import { api } from "../api.ts"
import { JOBS_KEY, useJobs } from "../queries/jobs.ts"
import { type PullState, pullStateOf } from "./pull-state.ts"
import { useSpeedLimit, wishedLimit } from "./speed-limit.ts"
import { type FollowedJob, useFollowedJob } from "./use-followed-job.ts"

export interface Pull extends FollowedJob {
  readonly reference: string
  readonly state: PullState
  /** Something was asked of the server and is not answered yet. */
  readonly isBusy: boolean
  /** What the server refused last. */
  readonly error: Error | null
  /** Begins, or goes on where it stopped, under the limit of the day. */
  start(options?: { readonly acceptLicence?: boolean }): void
  pause(): void
  /** A running download takes the new limit at once. */
  changeLimit(bytesPerSecond: number): void
}

export function usePull(reference: string): Pull {
  const jobs = useJobs()
  const queries = useQueryClient()
  const limit = useSpeedLimit()
  const state = pullStateOf(jobs.data ?? [], reference, Date.now())
  const followed = useFollowedJob(useFollowedId(state))

  /** A job that was just begun is shown at once, not with the next look at the list. */
  const keep = (job: Job): void => {
    queries.setQueryData<readonly Job[]>(JOBS_KEY, (known = []) => [
      job,
      ...known.filter((it) => it.id !== job.id),
    ])
  }
  const begin = (acceptLicence: boolean, bytesPerSecond: number): Promise<Job> =>
    api.jobs.start({
      type: "pull",
      pull: {
        reference,
        ...(acceptLicence ? { acceptLicence } : {}),
        ...wishedLimit(bytesPerSecond),
      },
    })
  const start = useMutation({
    mutationFn: (acceptLicence: boolean) => begin(acceptLicence, limit.bytesPerSecond),
    onSuccess: keep,
  })
  const pause = useMutation({ mutationFn: (id: string) => api.jobs.cancel(id), onSuccess: keep })
  const restart = useMutation({
    async mutationFn({ id, bytesPerSecond }: { readonly id: string; readonly bytesPerSecond: number }) {
      await api.jobs.cancel(id)
      return begin(false, bytesPerSecond)
    },
    onSuccess: keep,
    onSettled: () => queries.invalidateQueries({ queryKey: JOBS_KEY }),
  })

  const runningId = state.type === "running" ? state.job.id : undefined
  return {
    ...followed,
    reference,
    state,
    isBusy: start.isPending || pause.isPending || restart.isPending,
    error: start.error ?? pause.error ?? restart.error,
    start: ({ acceptLicence = false } = {}) => {
      pause.reset()
      restart.reset()
      start.mutate(acceptLicence)
    },
    pause: () => {
      if (runningId !== undefined) pause.mutate(runningId)
    },
    changeLimit: (bytesPerSecond) => {
      limit.change(bytesPerSecond)
      if (runningId !== undefined) restart.mutate({ id: runningId, bytesPerSecond })
    },
  }
}

/** A job that was seen running is followed to its last event, also when the list says first that it has ended. */
function useFollowedId(state: PullState): string | undefined {
  const followed = useRef<string>(undefined)
  if (state.type === "running") followed.current = state.job.id
  if (state.type === "none") followed.current = undefined
  const isSame = state.type !== "none" && followed.current === state.job.id
  return isSame ? followed.current : undefined
}
