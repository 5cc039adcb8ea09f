// The lock, the ledger, what is stored, and taking everything away.
import type { Erased, LedgerEntry, Lock, LockState, PrivacyStatus, StorageReport } from "@fireside/protocol"
import {
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query"
import { api } from "../../api.ts"

export function usePrivacyStatus(): UseQueryResult<PrivacyStatus> {
  return useQuery({
    queryKey: ["privacy", "status"],
    queryFn: ({ signal }) => api.privacy.status(signal),
  })
}

/** A connection appears soon after it was made. */
const LEDGER_EVERY_MS = 10_000

export function useLedger(): UseQueryResult<readonly LedgerEntry[]> {
  return useQuery({
    queryKey: ["privacy", "ledger"],
    queryFn: ({ signal }) => api.privacy.ledger(signal),
    refetchInterval: LEDGER_EVERY_MS,
  })
}

export function useStorage(): UseQueryResult<StorageReport> {
  return useQuery({ queryKey: ["privacy", "storage"], queryFn: ({ signal }) => api.privacy.storage(signal) })
}

export interface LockActions {
  readonly setLock: UseMutationResult<Lock, Error, LockState>
  readonly allowHost: UseMutationResult<Lock, Error, string>
  readonly disallowHost: UseMutationResult<Lock, Error, string>
}

/** The lock is shown as the server says it is, never as it was wished. */
export function useLockActions(): LockActions {
  const client = useQueryClient()
  const onSuccess = async (lock: Lock): Promise<void> => {
    client.setQueryData(["lock"], lock)
    await client.invalidateQueries({ queryKey: ["privacy", "status"] })
  }
  return {
    setLock: useMutation({ mutationFn: (lock: LockState) => api.privacy.setLock(lock), onSuccess }),
    allowHost: useMutation({ mutationFn: (host: string) => api.privacy.allowHost(host), onSuccess }),
    disallowHost: useMutation({ mutationFn: (host: string) => api.privacy.disallowHost(host), onSuccess }),
  }
}

export interface EraseWish {
  /** Those of the library too. */
  readonly models: boolean
}

export function useErase(): UseMutationResult<Erased, Error, EraseWish> {
  return useMutation({ mutationFn: (wish: EraseWish) => api.privacy.erase(wish) })
}
