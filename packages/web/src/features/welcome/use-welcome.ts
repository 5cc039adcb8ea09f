// What the welcome knows: the machine with its proposals, what its models could be, and what is here already.
import type { CatalogueMatch, ModelSummary, Welcome } from "@fireside/protocol"
import { type UseQueryResult, useQuery } from "@tanstack/react-query"
import { api } from "../../api.ts"
import { useModels } from "../../queries/models.ts"

/** The machine does not change while somebody reads about it. */
const MACHINE_STALE_MS = 60_000

export interface WelcomeFacts {
  readonly welcome: UseQueryResult<Welcome>
  readonly catalogue: UseQueryResult<readonly CatalogueMatch[]>
  readonly models: UseQueryResult<readonly ModelSummary[]>
}

export function useWelcome(): WelcomeFacts {
  return {
    welcome: useQuery({
      queryKey: ["welcome"],
      queryFn: ({ signal }) => api.welcome(signal),
      staleTime: MACHINE_STALE_MS,
    }),
    catalogue: useQuery({
      queryKey: ["catalogue", "", "known"],
      queryFn: ({ signal }) => api.models.search({}, signal),
      staleTime: MACHINE_STALE_MS,
    }),
    models: useModels(),
  }
}
