import { QueryClient } from "@tanstack/react-query"

/** What the server said, kept while the page is open. */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, retry: 1, refetchOnWindowFocus: true } },
})
