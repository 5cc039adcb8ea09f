import type { Lock } from "@fireside/protocol"
import { type UseQueryResult, useQuery } from "@tanstack/react-query"
import { api } from "../api.ts"

/** May anything leave this computer? */
export function useLock(): UseQueryResult<Lock> {
  return useQuery({ queryKey: ["lock"], queryFn: ({ signal }) => api.privacy.lock(signal) })
}
