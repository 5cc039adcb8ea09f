/** Addresses of the page, in the form of the server's routes: for each of them the server gives out the same file. */
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
