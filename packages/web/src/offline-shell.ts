/** Lets the browser keep the page itself, so that it opens while the server is away. Nothing that was written is kept. */
export function keepShell(): void {
  if (!("serviceWorker" in navigator) || !isSecureContext) return
  // Without it the page works all the same, as long as the server is there.
  navigator.serviceWorker.register("/service-worker.js").catch(() => undefined)
}
