// The machine: what it is, what it does now, what was measured on it.
import type { BenchReport, DoctorReport, HardwareFacts, LiveActivity } from "@fireside/protocol"
import { type UseMutationResult, type UseQueryResult, useMutation, useQuery } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import { api } from "../../api.ts"
import { type ActivitySample, addActivity } from "./activity-history.ts"

const LOOK_EVERY_MS = 1_000

/** Asked each second, and only while somebody sees the page: a hidden one asks for nothing. */
export function useActivity(): UseQueryResult<LiveActivity> {
  return useQuery({
    queryKey: ["system", "activity"],
    queryFn: ({ signal }) => api.activity(signal),
    refetchInterval: LOOK_EVERY_MS,
    refetchIntervalInBackground: false,
    staleTime: 0,
  })
}

export function useActivityHistory(activity: LiveActivity | undefined): readonly ActivitySample[] {
  const [history, setHistory] = useState<readonly ActivitySample[]>([])
  useEffect(() => {
    if (activity !== undefined) setHistory((it) => addActivity(it, activity))
  }, [activity])
  return history
}

export function useMachine(): UseQueryResult<HardwareFacts> {
  return useQuery({ queryKey: ["system", "machine"], queryFn: ({ signal }) => api.machine(signal) })
}

export function useMeasuredSpeeds(): UseQueryResult<readonly BenchReport[]> {
  return useQuery({
    queryKey: ["system", "bench"],
    queryFn: ({ signal }) => api.bench.history(undefined, signal),
  })
}

/** It starts the engine to test it, so it is done when its reader asks for it. */
export function useDoctor(): UseMutationResult<DoctorReport, Error, void> {
  return useMutation({ mutationFn: () => api.doctor() })
}
