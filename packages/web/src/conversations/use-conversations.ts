// Stored conversations as the page knows them; the server has them.
import type { Conversation, ConversationChange, StoredMessage } from "@fireside/protocol"
import {
  type InfiniteData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query"
import { api } from "../api.ts"

const PAGE_SIZE = 100

/** Newest change first, page by page. */
export function useConversations() {
  return useInfiniteQuery({
    queryKey: ["conversations"],
    queryFn: ({ pageParam, signal }) =>
      api.conversations.list({ limit: PAGE_SIZE, ...(pageParam === "" ? {} : { before: pageParam }) }, signal),
    initialPageParam: "",
    getNextPageParam: (last: readonly Conversation[]) =>
      last.length < PAGE_SIZE ? undefined : last.at(-1)?.updatedAt,
  })
}

export function useConversation(id: string | undefined) {
  return useQuery({
    queryKey: ["conversation", id],
    queryFn: ({ signal }) => api.conversations.get(id ?? "", signal),
    enabled: id !== undefined,
  })
}

export function useMessages(id: string | undefined) {
  return useQuery({
    queryKey: ["messages", id],
    queryFn: ({ signal }): Promise<readonly StoredMessage[]> => api.conversations.messages(id ?? "", signal),
    enabled: id !== undefined,
  })
}

export function useChangeConversation() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: ConversationChange }) =>
      api.conversations.change(id, change),
    onSuccess: (changed) => replaceConversation(queries, changed),
  })
}

export function useRemoveConversation() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.conversations.remove(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["conversations"] }),
  })
}

export function replaceConversation(queries: QueryClient, changed: Conversation): void {
  queries.setQueryData(["conversation", changed.id], changed)
  queries.setQueryData<InfiniteData<readonly Conversation[]>>(["conversations"], (data) =>
    data === undefined
      ? data
      : {
          ...data,
          pages: data.pages.map((page) => page.map((it) => (it.id === changed.id ? changed : it))),
        },
  )
}

/** After a turn: titles, counts and the order of the list have changed. */
export async function refreshConversation(queries: QueryClient, id: string): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ["messages", id] }),
    queries.invalidateQueries({ queryKey: ["conversation", id] }),
    queries.invalidateQueries({ queryKey: ["conversations"] }),
  ])
}
