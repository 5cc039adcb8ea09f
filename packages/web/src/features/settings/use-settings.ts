// The settings of the server.
import type { Setting, SettingChange } from "@fireside/protocol"
import {
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query"
import { api } from "../../api.ts"

const KEY = ["settings"] as const

export function useSettings(): UseQueryResult<readonly Setting[]> {
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.settings(signal) })
}

export interface SettingWish {
  readonly key: string
  /** Null: back to the default. */
  readonly value: SettingChange["value"]
}

/** What is shown afterwards is the server's answer: it may write a value in another way. */
export function useSetSetting(): UseMutationResult<Setting, Error, SettingWish> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ key, value }: SettingWish) => api.setSetting(key, value),
    onSuccess(changed) {
      client.setQueryData<readonly Setting[]>(KEY, (settings) =>
        settings?.map((setting) => (setting.key === changed.key ? changed : setting)),
      )
    },
  })
}
