// The settings of the server.
import type { Setting, SettingChange } from "@fireside/protocol"
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "../../api.ts"
import { settingsQuery } from "../../queries/settings.ts"

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
      client.setQueryData(settingsQuery.queryKey, (settings) =>
        settings?.map((setting) => (setting.key === changed.key ? changed : setting)),
      )
    },
  })
}
