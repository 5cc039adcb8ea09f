/** The page is in use by then: keeping its files would slow its first seconds. */
const AFTER_MS = 3_000

/** Lets the browser keep the page itself, so that it opens while the server is away. Nothing that was written is kept. */
export function keepShell(): void {
  if (!("serviceWorker" in navigator) || !isSecureContext) return
  // Without it the page works all the same, as long as the server is there.
  setTimeout(
    () => void navigator.serviceWorker.register("/service-worker.js").catch(() => undefined),
    AFTER_MS,
  )
}
