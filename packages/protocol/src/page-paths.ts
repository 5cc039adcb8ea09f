/** Addresses of the page: for each of them the server gives out the same document, and the page has a screen. */
export const PAGE_PATHS = [
  "/",
  "/c/:id",
  "/temporary",
  "/compare",
  "/welcome",
  "/models",
  "/jobs",
  "/privacy",
  "/system",
  "/settings",
  "/help",
  "/help/:page",
] as const
