// Stored conversations as the page knows them; the server has them.
import type { Conversation, ConversationChange, StoredMessage } from "@fireside/protocol"
import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query"
import { api } from "../api.ts"

/** More than a tall screen shows. */
const PAGE_SIZE = 60

export interface ListWish {
  /** Empty: all of them. */
  readonly folder: string
  /** Empty: whatever their tags are. */
  readonly tag: string
  readonly trash: boolean
}

export const ALL_CONVERSATIONS: ListWish = { folder: "", tag: "", trash: false }

type Cursor = Pick<Conversation, "updatedAt" | "id"> | undefined

/** Newest change first, page by page. */
export function useConversations(wish: ListWish = ALL_CONVERSATIONS) {
  return useInfiniteQuery(conversationsQuery(wish))
}

export function conversationsQuery({ folder, tag, trash }: ListWish) {
  return infiniteQueryOptions({
    queryKey: ["conversations", folder, tag, trash],
    queryFn: ({ pageParam, signal }) =>
      api.conversations.list(
        {
          limit: PAGE_SIZE,
          ...(folder === "" ? {} : { folder }),
          ...(tag === "" ? {} : { tag }),
          ...(trash ? { trash } : {}),
          ...(pageParam === undefined ? {} : { before: pageParam.updatedAt, beforeId: pageParam.id }),
        },
        signal,
      ),
    initialPageParam: undefined as Cursor,
    getNextPageParam: (last: readonly Conversation[]): Cursor =>
      last.length < PAGE_SIZE ? undefined : last.at(-1),
  })
}

/** In titles and messages. */
export function useSearch(query: string) {
  return useQuery({
    queryKey: ["conversations", "search", query],
    queryFn: ({ signal }) => api.conversations.search(query, { limit: 50 }, signal),
    enabled: query !== "",
    placeholderData: keepPreviousData,
  })
}

export function useLabels() {
  return useQuery({
    queryKey: ["conversations", "labels"],
    queryFn: ({ signal }) => api.conversations.labels(signal),
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

/** Into the trash. */
export function useRemoveConversation() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.conversations.remove(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["conversations"] }),
  })
}

export function useRestoreConversation() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.conversations.restore(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["conversations"] }),
  })
}

function replaceConversation(queries: QueryClient, changed: Conversation): void {
  queries.setQueryData(["conversation", changed.id], changed)
  void queries.invalidateQueries({ queryKey: ["conversations"] })
}

/** After a turn: titles, counts and the order of the list have changed. */
export async function refreshConversation(queries: QueryClient, id: string): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ["messages", id] }),
    queries.invalidateQueries({ queryKey: ["conversation", id] }),
    queries.invalidateQueries({ queryKey: ["conversations"] }),
  ])
}
