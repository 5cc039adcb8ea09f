// Kept prompts. The server has them, so that they are on every device and in the export.
import type { NewPrompt, PromptChange, StoredPrompt } from "@fireside/protocol"
import { type UseQueryResult, useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { api } from "../api.ts"

const KEY = ["prompts"]

/** `enabled`: they are wanted now; until then nothing is asked for. Defaults to true. */
export function usePrompts({
  enabled = true,
}: {
  readonly enabled?: boolean
} = {}): UseQueryResult<readonly StoredPrompt[]> {
  return useQuery({
    queryKey: KEY,
    enabled,
    queryFn: ({ signal }): Promise<readonly StoredPrompt[]> => api.prompts.list(signal),
  })
}

export function usePromptChanges() {
  const queries = useQueryClient()
  const onSuccess = () => queries.invalidateQueries({ queryKey: KEY })
  return {
    create: useMutation({ mutationFn: (prompt: NewPrompt) => api.prompts.create(prompt), onSuccess }),
    change: useMutation({
      mutationFn: ({ id, ...change }: PromptChange & { readonly id: string }) =>
        api.prompts.change(id, change),
      onSuccess,
    }),
    remove: useMutation({ mutationFn: (id: string) => api.prompts.remove(id), onSuccess }),
  }
}
