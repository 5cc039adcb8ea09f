// From a model to the chat: load it, so that the first answer does not wait, then go there.
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { api } from "../../api.ts"

export interface OpenedModel {
  /** What is being loaded, or could not be. */
  readonly name: string | undefined
  readonly isLoading: boolean
  readonly error: Error | null
  open(name: string): void
  /** Back to the choice. */
  forget(): void
}

export function useOpenedModel(): OpenedModel {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const load = useMutation({
    mutationFn: (name: string) => api.load({ model: name }),
    async onSuccess() {
      // The chat takes the model that is in memory, and sends away whoever has none: it must know of this one.
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["models"] }),
        queries.invalidateQueries({ queryKey: ["running"] }),
      ])
      await navigate({ to: "/" })
    },
  })
  return {
    name: load.variables,
    isLoading: load.isPending,
    error: load.error,
    open: (name) => {
      if (!load.isPending) load.mutate(name)
    },
    forget: load.reset,
  }
}
