// Keys of other programs and other people.
import type { CreatedKey, KeySummary, NewKey } from "@fireside/protocol"
import {
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query"
import { api } from "../../api.ts"

const KEY = ["keys"] as const

export function useKeys(): UseQueryResult<readonly KeySummary[]> {
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.keys.list(signal) })
}

export interface KeyActions {
  readonly create: UseMutationResult<CreatedKey, Error, NewKey>
  readonly revoke: UseMutationResult<KeySummary, Error, string>
}

export function useKeyActions(): KeyActions {
  const client = useQueryClient()
  const onSuccess = (): Promise<void> => client.invalidateQueries({ queryKey: KEY })
  return {
    // The secret is in this answer alone: it is not kept when the page forgets it.
    create: useMutation({ mutationFn: (key: NewKey) => api.keys.create(key), onSuccess, gcTime: 0 }),
    revoke: useMutation({ mutationFn: (id: string) => api.keys.revoke(id), onSuccess }),
  }
}
