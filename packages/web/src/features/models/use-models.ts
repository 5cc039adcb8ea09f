// What the server knows of models, and what can be done with one.
import type { CatalogueMatch, ModelDetails, RemovedModel } from "@fireside/protocol"
import {
  keepPreviousData,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query"
import { api } from "../../api.ts"

export function useModelDetails(name: string): UseQueryResult<ModelDetails> {
  return useQuery({
    queryKey: ["models", "details", name],
    queryFn: ({ signal }) => api.models.show(name, signal),
  })
}

export function useRemovedModels(): UseQueryResult<readonly RemovedModel[]> {
  return useQuery({
    queryKey: ["models", "removed"],
    queryFn: ({ signal }) => api.models.removed(signal),
  })
}

/** The catalogue is on this computer. */
export function useCatalogue(words: string): UseQueryResult<readonly CatalogueMatch[]> {
  return useQuery({
    queryKey: ["catalogue", words, "known"],
    queryFn: ({ signal }) => api.models.search({ query: words }, signal),
    placeholderData: keepPreviousData,
  })
}

/** Sends the words to the hub, so only when somebody said so. */
export function useHubSearch(
  words: string,
  { isWanted }: { readonly isWanted: boolean },
): UseQueryResult<readonly CatalogueMatch[]> {
  return useQuery({
    queryKey: ["catalogue", words, "hub"],
    queryFn: ({ signal }) => api.models.search({ query: words, remote: true }, signal),
    enabled: isWanted,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  })
}

/** A change of models; everything that is shown of them is asked for again. */
export function useModelChange<Wish, Result>(
  change: (wish: Wish) => Promise<Result>,
  onDone?: (result: Result, wish: Wish) => void,
): UseMutationResult<Result, Error, Wish> {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    async onSuccess(result, wish) {
      onDone?.(result, wish)
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["models"] }),
        queries.invalidateQueries({ queryKey: ["running"] }),
        queries.invalidateQueries({
          queryKey: ["catalogue"],
          // Nothing is sent out because something changed here.
          predicate: ({ queryKey }) => !queryKey.includes("hub"),
        }),
      ])
    },
  })
}
