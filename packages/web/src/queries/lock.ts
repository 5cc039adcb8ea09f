import type { Lock } from "@fireside/protocol"
import { type UseQueryResult, useQuery } from "@tanstack/react-query"
import { api } from "../api.ts"

/** Another tab, or a terminal, may turn it. */
const LOOK_AGAIN_MS = 15_000

/** May anything leave this computer? */
export function useLock(): UseQueryResult<Lock> {
  return useQuery({
    queryKey: ["lock"],
    queryFn: ({ signal }) => api.privacy.lock(signal),
    refetchInterval: LOOK_AGAIN_MS,
  })
}
